// Plug-ins of programs that know nothing of them.
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class plug_in : public ::testing::TestWithParam<start> {
 protected:
  void expect_success(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), PLUG_IN_HOST);
    const harness::outcome result =
        harness::run({std::move(arguments), environment_for(GetParam())});
    EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  }
};

TEST_P(plug_in, in_cpp_gets_bad_alloc_in_a_program_in_c) { expect_success({CPP_PLUG_IN}); }

TEST_P(plug_in, loaded_with_deepbind_frees_a_block_of_the_program) {
  expect_success({FREEING_PLUG_IN, "deepbind"});
}

TEST_P(plug_in, is_found_by_the_run_path_of_the_one_that_loads_it) {
  expect_success({FREEING_PLUG_IN});
}

INSTANTIATE_TEST_SUITE_P(started, plug_in, ::testing::Values(start::alone, start::preloaded),
                         programs::name_of);

}  // namespace
