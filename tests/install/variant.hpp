// variant.hpp - the project built in another way than the tests are.
//
// Kept from one test to the next, so that each builds only what its options change:
// tests that use one have the ctest resource lock "variants".
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/child_process.hpp"

namespace install {

/// Configures and builds `targets`, all if there are none; its build folder.
/// Fails: std::runtime_error with what was said.
[[nodiscard]] std::filesystem::path build_variant(const std::string& name,
                                                  const std::vector<std::string>& options,
                                                  const std::vector<std::string>& targets = {});

}  // namespace install
