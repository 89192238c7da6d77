#include "shim/report/file_names.hpp"

#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace connarena::shim::report {
namespace {

path_text kept;

}  // namespace

void keep_name(const char* path) noexcept {
  char folder[4096] = {};
  if (*path != '/' && getcwd(folder, sizeof folder) != nullptr) kept.add(folder).add("/");
  kept.add(path);
}

path_text name_of_file(int number) noexcept {
  path_text name = kept;
  if (number != 0) name.add(".").add_number(static_cast<std::uint64_t>(number));
  return name;
}

path_text name_of_draft() noexcept {
  path_text name = kept;
  return name.add(".new-").add_number(static_cast<std::uint64_t>(getpid()));
}

bool give_name(const path_text& file, const path_text& name, naming how) noexcept {
  if (how == naming::replacing) return std::rename(file.c_str(), name.c_str()) == 0;
  if (renameat2(AT_FDCWD, file.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0) return true;
  // Not every file system knows that.
  if (::link(file.c_str(), name.c_str()) != 0) return false;
  ::unlink(file.c_str());
  return true;
}

}  // namespace connarena::shim::report
