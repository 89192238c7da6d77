#include "process/private_folder.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <system_error>

#include "process/failure.hpp"

namespace demo {

private_folder::private_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "connarena-demo-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) fail_by_errno("cannot create " + pattern);
  path_ = pattern;
}

private_folder::~private_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path private_folder::write(std::string_view name, std::string_view text) const {
  const std::filesystem::path file = path_ / name;
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  // stunnel refuses a key that others may read.
  if (!stream || ::chmod(file.c_str(), S_IRUSR | S_IWUSR) != 0) {
    fail_by_errno("cannot write " + file.string());
  }
  return file;
}

}  // namespace demo
