// A program linked to jemalloc, which uses its own calls.
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

void expect_agreement(start how, std::vector<std::string> settings) {
  if (std::string(JEMALLOC_PROGRAM).empty()) GTEST_SKIP() << "built without libjemalloc";
  for (const std::string& each : environment_for(how)) settings.push_back(each);
  const harness::outcome result = harness::run({{JEMALLOC_PROGRAM}, settings});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  EXPECT_EQ(result.errors, "");
}

TEST(jemalloc_calls, agree_with_malloc_without_the_preload_library) {
  expect_agreement(start::alone, {});
}

TEST(jemalloc_calls, agree_with_malloc) { expect_agreement(start::preloaded, {}); }

TEST(jemalloc_calls, agree_where_small_blocks_are_the_connections) {
  expect_agreement(start::preloaded, {"CONNARENA_SMALL=on"});
}

TEST(jemalloc_calls, agree_where_only_large_blocks_are_the_cores) {
  expect_agreement(start::preloaded, {"CONNARENA_MIN_SIZE=64K"});
}

TEST(jemalloc_calls, agree_where_small_blocks_and_large_ones_are_the_cores) {
  expect_agreement(start::preloaded, {"CONNARENA_SMALL=on", "CONNARENA_MIN_SIZE=64K"});
}

}  // namespace
