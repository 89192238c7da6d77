// docs/how-to/memory-hooks.md: cJSON and libuv take their memory from the arena entered.
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/child_process.hpp"

namespace {

class memory_hooks : public ::testing::TestWithParam<const char*> {};

TEST_P(memory_hooks, put_a_library_into_arenas) {
  if (!std::filesystem::exists(MEMORY_HOOKS_PROGRAM)) {
    GTEST_SKIP() << "libcjson-dev or libuv1-dev is missing";
  }
  const harness::outcome result = harness::run({{MEMORY_HOOKS_PROGRAM, GetParam()}});
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
}

INSTANTIATE_TEST_SUITE_P(of, memory_hooks, ::testing::Values("cjson", "libuv"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
