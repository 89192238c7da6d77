// installation.hpp - the project installed to a folder of its own, moved once
// so that nothing in it may name where it was put first.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/child_process.hpp"

namespace install {

/// How long a build of the project may take on a busy machine.
inline constexpr std::chrono::seconds build_patience{240};

/// The moved prefix; installed at the first call.
[[nodiscard]] const std::filesystem::path& prefix();

/// A folder that goes away with the process.
[[nodiscard]] std::filesystem::path fresh_folder(const std::string& name);

/// What pkg-config answers for connarena at the prefix, split at spaces.
[[nodiscard]] std::vector<std::string> pkg_config(std::vector<std::string> arguments);

/// Runs a program that finds the prefix's libraries.
[[nodiscard]] harness::outcome run_with_libraries(std::vector<std::string> arguments);

}  // namespace install
