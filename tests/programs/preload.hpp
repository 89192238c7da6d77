// preload.hpp - running a program with the preload library and without it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/child_process.hpp"

namespace programs {

/// How a program is started in a test that is run both ways.
enum class start { alone, preloaded };

[[nodiscard]] inline std::vector<std::string> environment_for(start how) {
  if (how == start::alone) return {};
  return {"LD_PRELOAD=" PRELOAD_LIBRARY};
}

[[nodiscard]] inline std::string name_of(const ::testing::TestParamInfo<start>& how) {
  return how.param == start::alone ? "alone" : "preloaded";
}

}  // namespace programs

/// Ends a test early, with a clear word, where Debian's package is missing.
#define CONNARENA_NEEDS_PROGRAM(name) \
  if (harness::find_program(name).empty()) GTEST_SKIP() << name << " is not installed"
