// A connection costs a program no system call that it does not make itself.
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class counted_calls : public ::testing::TestWithParam<const char*> {};

TEST_P(counted_calls, are_the_programs_own) {
  const harness::outcome result =
      harness::run({{COUNTED_CALLS_PROGRAM, GetParam()}, environment_for(start::preloaded)});
  if (result.exit_code == 20) GTEST_SKIP() << "no process may trace another here";
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

INSTANTIATE_TEST_SUITE_P(each, counted_calls,
                         ::testing::Values("of_served_connections", "of_pairs",
                                           "of_pairs_after_vfork"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
