// fuzz_target.cpp - what libFuzzer calls: see session.hpp. A failed assertion is
// an exception here, which nobody catches.
#include <gtest/gtest.h>

#include "fuzz/session.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  GTEST_FLAG_SET(throw_on_failure, true);
  fuzz::run_input(bytes, count);
  return 0;
}
