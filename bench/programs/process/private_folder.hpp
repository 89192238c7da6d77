// private_folder.hpp - a temporary folder of mode 0700, removed with its owner.
#pragma once

#include <filesystem>
#include <string_view>

namespace demo {

class private_folder {
 public:
  private_folder();
  ~private_folder();
  private_folder(const private_folder&) = delete;
  private_folder& operator=(const private_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  /// Writes a file of mode 0600 and returns its path.
  [[nodiscard]] std::filesystem::path write(std::string_view name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace demo
