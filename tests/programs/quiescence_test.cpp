// When the arena of a closed connection ends: not before the threads that served it
// are quiet; and who does the work.
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class closed_connection : public ::testing::TestWithParam<const char*> {};

void expect_success(const char* program, const char* name) {
  for (const char* small : {"CONNARENA_SMALL=off", "CONNARENA_SMALL=on"}) {
    std::vector<std::string> environment = environment_for(start::preloaded);
    environment.emplace_back(small);
    const harness::outcome result = harness::run({{program, name}, environment});
    EXPECT_EQ(result.exit_code, 0) << small << ": " << harness::describe(result);
  }
}

std::string name_of_case(const ::testing::TestParamInfo<const char*>& each) { return each.param; }

TEST_P(closed_connection, under_the_preload_library) {
  expect_success(QUIESCENCE_PROGRAM, GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    each, closed_connection,
    ::testing::Values(
        "ends_at_once_when_nothing_lives", "ends_at_the_next_close_when_it_is_empty",
        "waits_for_a_busy_thread", "waits_for_the_last_of_four_threads",
        "waits_for_the_last_of_nine_threads", "ends_when_its_last_thread_ends",
        "ends_when_its_close_was_cancelled_and_made_again", "bears_a_cancelled_close_of_a_pipe",
        "goes_on_when_its_close_was_cancelled", "ends_at_a_blocking_read_of_another",
        "goes_on_draining_at_a_read_that_does_not_block", "ends_while_its_thread_reads_another",
        "goes_on_draining_while_a_thread_reads_it", "ends_in_a_child_whose_other_threads_are_gone"),
    name_of_case);

class waiting_thread : public ::testing::TestWithParam<const char*> {};

TEST_P(waiting_thread, under_the_preload_library) { expect_success(SETTLING_PROGRAM, GetParam()); }

INSTANTIATE_TEST_SUITE_P(each, waiting_thread,
                         ::testing::Values("trims_under_no_mutex_while_another_thread_works",
                                           "trims_in_short_waits_after_a_slow_trim",
                                           "trims_when_all_threads_wait_in_conditions",
                                           "leaves_what_is_large_to_a_wait_without_a_mutex",
                                           "ends_what_is_large_when_all_threads_wait"),
                         name_of_case);

class left_wait : public ::testing::TestWithParam<const char*> {};

TEST_P(left_wait, is_over) {
  for (const char* way : {"cancel-", "exit-", "jump-"}) {
    SCOPED_TRACE(way);
    expect_success(LEFT_WAIT_PROGRAM, (way + std::string(GetParam())).c_str());
  }
}

INSTANTIATE_TEST_SUITE_P(of, left_wait,
                         ::testing::Values("condition", "semaphore", "poll", "select", "epoll",
                                           "sleep", "pause", "read"),
                         name_of_case);

}  // namespace
