// Handlers that interrupt malloc, read, write or close do not make the library trim, and
// leave nothing half done where they jump.
#include "programs/preload.hpp"

namespace {

class interrupted : public ::testing::TestWithParam<const char*> {
 protected:
  static void expect_success(const std::string& setting) {
    const harness::outcome result =
        harness::run({{INTERRUPTED_PROGRAM, GetParam()}, {"LD_PRELOAD=" PRELOAD_LIBRARY, setting}});
    EXPECT_EQ(result.exit_code, 0) << setting << ": " << harness::describe(result);
    EXPECT_EQ(result.errors, "");
  }
};

TEST_P(interrupted, under_the_preload_library) { expect_success("CONNARENA_SMALL=off"); }
TEST_P(interrupted, with_small_blocks) { expect_success("CONNARENA_SMALL=on"); }

INSTANTIATE_TEST_SUITE_P(
    each, interrupted,
    ::testing::Values(
        "handler_that_holds_nothing_back_does_not_trim",
        "handler_of_a_thread_that_held_everything_back_does_not_trim",
        "handler_with_the_first_connection_does_not_trim", "handler_on_another_stack_does_not_trim",
        "handler_set_by_number_does_not_trim", "thread_that_jumped_out_of_a_handler_trims",
        "jump_out_of_transfers_leaves_nothing_half_done",
        "jump_from_another_stack_leaves_nothing_half_done", "jump_out_of_malloc_leaves_no_lock",
        "jump_out_of_nested_handlers_leaves_nothing_half_done"),
    [](const auto& each) { return std::string(each.param); });

}  // namespace
