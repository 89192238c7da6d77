// A filter of system calls that the system refuses to set forbids nothing.
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class refused_sandbox : public ::testing::TestWithParam<start> {};

TEST_P(refused_sandbox, leaves_everything_as_it_was) {
  for (const char* name : {"strict_mode_with_flags", "no_filter", "filter_at_a_bad_address",
                           "control_with_a_filter_at_a_bad_address", "steps_at_a_bad_address",
                           "empty_filter", "control_with_an_empty_filter", "unknown_flags",
                           "unknown_mode", "filter_without_rights", "control_without_rights",
                           "strict_mode_of_a_child_of_vfork", "filter_of_a_child_of_vfork"}) {
    const harness::outcome result =
        harness::run({{REFUSED_SANDBOX_PROGRAM, name}, environment_for(GetParam())});
    EXPECT_EQ(result.exit_code, 0) << name << ": " << harness::describe(result);
  }
}

INSTANTIATE_TEST_SUITE_P(started, refused_sandbox,
                         ::testing::Values(start::alone, start::preloaded), programs::name_of);

}  // namespace
