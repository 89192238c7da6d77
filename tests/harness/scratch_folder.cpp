#include "harness/scratch_folder.hpp"

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace harness {

scratch_folder::scratch_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "connarena-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = pattern;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace harness
