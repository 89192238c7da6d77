// bench/sessions opens, serves and ends a few sessions on each kind of heap.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "harness/child_process.hpp"

namespace {

/// What has to be in the process.
std::string library_of(const std::string& heap) {
  const bool replaces_malloc = heap == "mimalloc" || heap == "jemalloc";
  return replaces_malloc ? "lib" + heap + ".so.2" : "";
}

class sessions : public ::testing::TestWithParam<const char*> {};

TEST_P(sessions, are_served_and_measured) {
  if (!std::filesystem::exists(SESSIONS_PROGRAM)) GTEST_SKIP() << "bench/sessions is not built";
  const harness::outcome result = harness::run(
      {{SESSIONS_PROGRAM, GetParam(), "50"}, {"LD_PRELOAD=" + library_of(GetParam())}});
  ASSERT_TRUE(result.succeeded()) << harness::describe(result);
  EXPECT_EQ(result.errors, "");
  long open_kib = 0, after_kib = 0;
  double open_ms = 0, end_ms = 0;
  std::istringstream figures(result.output);
  EXPECT_TRUE(figures >> open_kib >> after_kib >> open_ms >> end_ms) << result.output;
  // The header tables of each session alone are some KiB.
  EXPECT_GT(open_kib, 200) << result.output;
  EXPECT_GT(open_ms, 0) << result.output;
}

INSTANTIATE_TEST_SUITE_P(of, sessions,
                         ::testing::Values("connarena", "malloc", "apr", "mimalloc", "jemalloc"),
                         [](const auto& each) { return std::string(each.param); });

TEST(sessions_program, refuses_a_heap_that_is_not_in_the_process) {
  if (!std::filesystem::exists(SESSIONS_PROGRAM)) GTEST_SKIP() << "bench/sessions is not built";
  const harness::outcome result = harness::run({{SESSIONS_PROGRAM, "jemalloc", "1"}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.errors, "sessions: not started under that allocator\n");
}

}  // namespace
