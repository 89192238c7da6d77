// When the arena of a closed connection ends: not before the threads that served it
// are quiet.
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class closed_connection : public ::testing::TestWithParam<const char*> {};

TEST_P(closed_connection, under_the_preload_library) {
  for (const char* small : {"CONNARENA_SMALL=off", "CONNARENA_SMALL=on"}) {
    std::vector<std::string> environment = environment_for(start::preloaded);
    environment.emplace_back(small);
    const harness::outcome result = harness::run({{QUIESCENCE_PROGRAM, GetParam()}, environment});
    EXPECT_EQ(result.exit_code, 0) << small << ": " << harness::describe(result);
  }
}

INSTANTIATE_TEST_SUITE_P(
    each, closed_connection,
    ::testing::Values("ends_at_once_when_nothing_lives", "ends_at_the_next_close_when_it_is_empty",
                      "waits_for_a_busy_thread", "waits_for_the_last_of_four_threads",
                      "waits_for_the_last_of_nine_threads", "ends_when_its_last_thread_ends",
                      "ends_at_a_blocking_read_of_another",
                      "goes_on_draining_at_a_read_that_does_not_block",
                      "ends_in_a_child_whose_other_threads_are_gone"),
    [](const auto& each) { return std::string(each.param); });

}  // namespace
