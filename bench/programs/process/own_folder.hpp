// own_folder.hpp - where the demo's own programs were built, beside this one.
#pragma once

#include <filesystem>

namespace demo {

[[nodiscard]] inline std::filesystem::path own_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace demo
