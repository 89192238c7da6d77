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

INSTANTIATE_TEST_SUITE_P(started, plug_in, ::testing::Values(start::alone, start::preloaded),
                         programs::name_of);

}  // namespace
