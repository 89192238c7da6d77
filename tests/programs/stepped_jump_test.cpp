// A signal's handler may jump out of close at every instruction: the descriptor is closed
// then, as hardly an instruction of the program alone leaves it open; and no jump waits.
#include "programs/preload.hpp"

namespace {

class stepped_jump : public ::testing::TestWithParam<const char*> {
 protected:
  static void expect_success(const std::string& setting) {
    const harness::outcome result = harness::run(
        {{STEPPED_JUMP_PROGRAM, GetParam()}, {"LD_PRELOAD=" PRELOAD_LIBRARY, setting}});
    EXPECT_EQ(result.exit_code, 0) << setting << ": " << harness::describe(result);
  }
};

TEST_P(stepped_jump, under_the_preload_library) { expect_success("CONNARENA_ON_CLOSE=drain"); }
TEST_P(stepped_jump, with_release) { expect_success("CONNARENA_ON_CLOSE=release"); }

INSTANTIATE_TEST_SUITE_P(each, stepped_jump,
                         ::testing::Values("jump_out_of_close_leaves_few_descriptors",
                                           "jump_out_of_close_by_number_leaves_few_descriptors",
                                           "jump_out_of_lingering_close_does_not_wait",
                                           "jump_out_of_fclose_does_not_wait"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
