// What programs do with malloc before main, at the end, around forks and in handlers of
// faults; and a server that gives up all that it was started with.
#include <fstream>

#include "programs/loopback.hpp"
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class process_life : public ::testing::TestWithParam<start> {
 protected:
  void expect_success(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& settings = {}) {
    std::vector<std::string> environment = environment_for(GetParam());
    environment.insert(environment.end(), settings.begin(), settings.end());
    const harness::outcome result = harness::run({arguments, environment});
    EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
    EXPECT_EQ(result.errors, "");
  }
};

TEST_P(process_life, may_begin_with_malloc_before_every_constructor) {
  expect_success({EARLY_PROGRAM});
}

TEST_P(process_life, may_use_malloc_in_handlers_around_a_fork) {
  expect_success({LATE_PROGRAM, "fork"});
}

TEST_P(process_life, may_use_malloc_in_destructors_of_threads) {
  expect_success({LATE_PROGRAM, "threads"});
}

TEST_P(process_life, may_use_malloc_in_functions_for_its_end) {
  expect_success({LATE_PROGRAM, "exit"});
}

TEST_P(process_life, may_leave_it_to_the_c_library_to_call_malloc) {
  expect_success({C_LIBRARY_PROGRAM});
}

TEST_P(process_life, may_unload_the_library_while_a_helper_runs) {
  expect_success({UNLOADING_PROGRAM, SHARED_LIBRARY});
}

TEST_P(process_life, may_go_on_after_a_fault) { expect_success({FAULT_PROGRAM, "recover"}); }

TEST_P(process_life, may_go_on_after_its_stack_was_full) {
  expect_success({FAULT_PROGRAM, "overflow"});
}

TEST_P(process_life, may_protect_pages_of_its_blocks) {
  expect_success({FAULT_PROGRAM, "barrier"});
}

TEST_P(process_life, may_go_on_in_a_sandbox_that_kills) {
  expect_success({SANDBOXED_PROGRAM, "loop"});
}

TEST_P(process_life, may_go_on_in_a_sandbox_that_kills_with_several_threads) {
  expect_success({SANDBOXED_PROGRAM, "threads"});
}

TEST_P(process_life, may_go_on_in_a_sandbox_that_kills_where_it_is_hardened) {
  expect_success({SANDBOXED_PROGRAM, "threads"}, {"CONNARENA_HARDENED=on"});
}

TEST_P(process_life, may_forbid_itself_advice_by_which_a_hardened_one_sets_guards) {
  expect_success({SANDBOXED_PROGRAM, "advice"}, {"CONNARENA_HARDENED=on"});
}

TEST_P(process_life, may_go_on_as_a_daemon_without_descriptors_root_or_rights) {
  const programs::scratch_folder folder;
  expect_success({DAEMON_PROGRAM, folder.file("")});
  const auto verdict = [&] {
    std::string line;
    std::ifstream file(folder.file("result"));
    std::getline(file, line);
    return line;
  };
  EXPECT_TRUE(harness::wait_until([&] { return !verdict().empty(); }));
  EXPECT_EQ(verdict(), "good");
}

INSTANTIATE_TEST_SUITE_P(started, process_life, ::testing::Values(start::alone, start::preloaded),
                         programs::name_of);

}  // namespace
