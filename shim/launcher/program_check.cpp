#include "shim/launcher/program_check.hpp"

#include <elf.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <sstream>
#include <vector>

#include "shim/launcher/regular_file.hpp"
#include "shim/processor/processor.hpp"

namespace connarena::launcher {
namespace {

// The system follows so many interpreters of interpreters, and reads so much of a script.
constexpr unsigned most_interpreters = 5;
constexpr std::size_t most_first_line = 255;

bool is_executable_file(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         access(path.c_str(), X_OK) == 0;
}

/// Whether an ELF program asks for a loader; only that one reads LD_PRELOAD.
bool asks_for_loader(const regular_file& file, const Elf64_Ehdr& header) {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment = file.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
    if (segment.p_type == PT_INTERP) return true;
  }
  return false;
}

std::string reason_against_elf(const regular_file& file, const std::string& path) {
  const auto header = file.at<Elf64_Ehdr>(0);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != shim::processor::elf_machine) {
    return path + " is no 64-bit program for this processor";
  }
  if (asks_for_loader(file, header)) return {};
  return path + " is a static program: nothing can be preloaded into it";
}

/// A program that runs with more rights than its caller's does not heed LD_PRELOAD.
std::string reason_against_rights(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0) {
    return path + " is a setuid or setgid program: the system ignores LD_PRELOAD for it";
  }
  if (getxattr(path.c_str(), "security.capability", nullptr, 0) > 0) {
    return path + " has file capabilities: the system ignores LD_PRELOAD for it";
  }
  return {};
}

/// The words of a script's first line after "#!"; none if it is no script.
std::vector<std::string> interpreter_of(const regular_file& file) {
  char line[most_first_line + 1] = {};
  file.read(0, line, most_first_line);
  if (line[0] != '#' || line[1] != '!') return {};
  line[std::strcspn(line, "\n")] = '\0';
  std::istringstream words(line + 2);
  return {std::istream_iterator<std::string>(words), {}};
}

/// `env NAME` becomes another program in turn.
std::string program_of_env(const std::vector<std::string>& words) {
  if (words[0].substr(words[0].rfind('/') + 1) != "env") return {};
  const std::size_t at = words.size() > 1 && words[1] == "-S" ? 2 : 1;
  return at < words.size() ? find_program(words[at]) : "";
}

std::string reason_against(const std::string& path, unsigned interpreters) {
  const regular_file file(path);
  if (!file.is_open()) {
    return path + " cannot be read: " +
           (file.error() != 0 ? std::strerror(file.error()) : "it is no regular file");
  }
  char start[SELFMAG] = {};
  file.read(0, start, sizeof start);
  const bool is_elf = std::memcmp(start, ELFMAG, SELFMAG) == 0;
  const std::vector<std::string> words = interpreter_of(file);
  // Of a script the system takes no rights.
  if (words.empty()) {
    const std::string reason = reason_against_rights(path);
    return reason.empty() && is_elf ? reason_against_elf(file, path) : reason;
  }
  if (interpreters == most_interpreters) {
    return path + " has an interpreter too many: scripts that are each other's cannot run";
  }
  const std::string reason = reason_against(words[0], interpreters + 1);
  const std::string next = program_of_env(words);
  return !reason.empty() || next.empty() ? reason : reason_against(next, interpreters + 1);
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return is_executable_file(name) ? name : "";
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    if (is_executable_file(candidate)) return candidate;
  }
  return {};
}

std::string reason_against(const std::string& path) { return reason_against(path, 0); }

}  // namespace connarena::launcher
