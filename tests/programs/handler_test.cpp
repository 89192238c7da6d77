// Signal handlers that interrupt malloc, or the C API.
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class handler : public ::testing::TestWithParam<start> {
 protected:
  void expect_success(const char* name, std::vector<std::string> settings) {
    for (const std::string& each : environment_for(GetParam())) settings.push_back(each);
    const harness::outcome result = harness::run({{HANDLER_PROGRAM, name}, settings});
    ASSERT_EQ(result.exit_code, 0) << harness::describe(result);
  }
};

TEST_P(handler, closes_the_connection_that_its_thread_serves) { expect_success("close", {}); }

TEST_P(handler, closes_the_connection_whose_small_block_is_made) {
  expect_success("close", {"CONNARENA_SMALL=on"});
}

TEST_P(handler, closes_a_connection_while_its_thread_uses_an_arena_of_its_own) {
  expect_success("arena", {"CONNARENA_SMALL=on"});
}

TEST_P(handler, closes_a_connection_while_figures_are_kept) {
  expect_success("close", {"CONNARENA_REPORT=stderr"});
}

TEST_P(handler, closes_a_connection_while_its_thread_forks) {
  expect_success("fork", {"CONNARENA_SMALL=on"});
}

TEST_P(handler, uses_malloc_where_its_thread_waits) {
  expect_success("wait", {"CONNARENA_SMALL=on"});
}

TEST_P(handler, ends_a_process_whose_figures_are_kept) {
  constexpr int attempts = 50;  // each interrupts another place
  for (int i = 0; i < attempts; ++i) expect_success("exit", {"CONNARENA_REPORT=stderr"});
}

INSTANTIATE_TEST_SUITE_P(started, handler, ::testing::Values(start::alone, start::preloaded),
                         programs::name_of);

}  // namespace
