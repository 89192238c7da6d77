#include "shim/report/program_name.hpp"

#include <cstring>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/report/ledger.hpp"

namespace connarena::shim::report {
namespace {

char file[sizeof(code_module::path)];
char name[sizeof(code_module::label)];
char label[sizeof(code_module::label)];

const char* without_folders(const char* path) noexcept {
  const char* const last = std::strrchr(path, '/');
  return last != nullptr ? last + 1 : path;
}

void keep(char (&to)[sizeof(code_module::label)], const char* words) noexcept {
  std::memcpy(to, words, strnlen(words, sizeof to - 1));
}

/// A path that says how the program was opened is no name.
bool is_name(const char* path) noexcept {
  return std::strncmp(path, "/dev/fd/", 8) != 0 && std::strncmp(path, "/proc/", 6) != 0;
}

bool is_same_file(const char* one, const char* other) noexcept {
  struct stat first {};
  struct stat second {};
  return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

}  // namespace

void note_program() noexcept {
  constexpr const char* own_file = "/proc/self/exe";
  if (readlink(own_file, file, sizeof file - 1) <= 0) file[0] = '\0';
  const auto* const started = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  const bool has_name = started != nullptr && is_name(started);
  keep(name, without_folders(has_name ? started : file));
  const bool is_file = !has_name || is_same_file(started, own_file);
  keep(label, is_file ? name : without_folders(file));
}

const char* program_name() noexcept { return name; }
const char* program_file() noexcept { return file; }
const char* program_file_label() noexcept { return label; }

}  // namespace connarena::shim::report
