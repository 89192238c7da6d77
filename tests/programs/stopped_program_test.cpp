// A program that stops has its memory back, whatever it waits in, without another call;
// and one that does not stop makes few system calls for that.
#include <gtest/gtest.h>

#include "harness/resident_memory.hpp"
#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

using harness::mib;

class stopped_program : public ::testing::TestWithParam<const char*> {};

TEST_P(stopped_program, has_its_memory_back) {
  programs::scratch_folder folder;
  harness::background_process program(
      {{STOPPING_PROGRAM, GetParam()}, programs::environment_for(programs::start::preloaded)},
      folder.file("log"));
  ASSERT_TRUE(harness::wait_until([&] { return program.log() == "stopped"; }));
  // The program, its libraries and the floor of 2 MiB.
  EXPECT_TRUE(harness::wait_until([&] { return harness::resident_bytes(program.pid()) < 8 * mib; }))
      << harness::resident_bytes(program.pid());
  EXPECT_TRUE(program.is_running());
}

INSTANTIATE_TEST_SUITE_P(each, stopped_program,
                         ::testing::Values("in_read_of_pipe", "in_read_of_socket",
                                           "in_read_of_eventfd", "in_read_of_pipe_after_a_file",
                                           "in_read_after_all_that_was_there",
                                           "in_reads_that_do_not_wait", "in_semaphore",
                                           "in_semaphore_with_a_time", "beside_a_thread"),
                         [](const auto& each) { return std::string(each.param); });

class reading_program : public ::testing::TestWithParam<const char*> {};

TEST_P(reading_program, with_memory_to_return) {
  const harness::outcome result = harness::run(
      {{STOPPING_PROGRAM, GetParam()}, programs::environment_for(programs::start::preloaded)});
  if (result.exit_code == 20) GTEST_SKIP() << "no process may trace another here";
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

INSTANTIATE_TEST_SUITE_P(each, reading_program,
                         ::testing::Values("much_input_of_a_pipe_needs_few_calls",
                                           "a_file_needs_few_calls"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
