// Programs with an allocator or operators of their own.
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class replacement : public ::testing::TestWithParam<start> {
 protected:
  void expect_success(const char* program) {
    const harness::outcome result = harness::run({{program}, environment_for(GetParam())});
    EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  }
};

TEST_P(replacement, of_the_plain_operators_serves_the_other_forms) {
  expect_success(OWN_OPERATORS_PROGRAM);
}

TEST_P(replacement, of_malloc_serves_all_that_is_built_on_it) {
  expect_success(OWN_MALLOC_PROGRAM);
}
TEST_P(replacement, of_malloc_is_not_called_while_it_sets_itself_up) {
  expect_success(SETTING_UP_MALLOC_PROGRAM);
}

INSTANTIATE_TEST_SUITE_P(started, replacement, ::testing::Values(start::alone, start::preloaded),
                         programs::name_of);

}  // namespace
