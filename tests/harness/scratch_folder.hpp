// scratch_folder.hpp - a folder of the test's own, which nobody else may enter.
#pragma once

#include <filesystem>
#include <string>

namespace harness {

/// Is there, with all that is in it, as long as this is.
class scratch_folder {
 public:
  scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder();
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace harness
