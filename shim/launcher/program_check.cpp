#include "shim/launcher/program_check.hpp"

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

namespace connarena::launcher {
namespace {

bool is_executable_file(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         access(path.c_str(), X_OK) == 0;
}

/// Whether an ELF program asks for a loader; only that one reads LD_PRELOAD.
bool asks_for_loader(std::ifstream& file, const Elf64_Ehdr& header) {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    file.seekg(static_cast<std::streamoff>(header.e_phoff + i * sizeof segment));
    if (!file.read(reinterpret_cast<char*>(&segment), sizeof segment)) return false;
    if (segment.p_type == PT_INTERP) return true;
  }
  return false;
}

std::string reason_against_elf(std::ifstream& file, const std::string& path) {
  Elf64_Ehdr header{};
  file.seekg(0);
  if (!file.read(reinterpret_cast<char*>(&header), sizeof header) ||
      header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64) {
    return path + " is no 64-bit x86 program";
  }
  if (asks_for_loader(file, header)) return {};
  return path + " is a static program: nothing can be preloaded into it";
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return is_executable_file(name) ? name : "";
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    if (is_executable_file(candidate)) return candidate;
  }
  return {};
}

std::string reason_against(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0) {
    return path + " is a setuid or setgid program: the system ignores LD_PRELOAD for it";
  }
  std::ifstream file(path, std::ios::binary);
  char start[4] = {};
  if (!file.read(start, sizeof start)) return path + " cannot be read";
  if (std::memcmp(start, ELFMAG, SELFMAG) == 0) return reason_against_elf(file, path);
  if (start[0] != '#' || start[1] != '!') return {};
  file.seekg(2);
  std::string interpreter;
  file >> interpreter;
  return interpreter.empty() || interpreter == path ? "" : reason_against(interpreter);
}

}  // namespace connarena::launcher
