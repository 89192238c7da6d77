// expect_works.hpp - what is to be true in a process of its own.
#pragma once

#include <gtest/gtest.h>

#include "harness/child_process.hpp"

namespace harness {

/// Runs `body` in a forked child, which returns 0 if all is well and another number for each
/// thing that may not be.
inline void expect_works(int (*body)()) {
  const outcome result = run_forked(body);
  EXPECT_EQ(result.exit_code, 0) << describe(result);
}

}  // namespace harness
