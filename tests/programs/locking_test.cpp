// Programs that lock their memory: what is locked is little more than what is in use, and
// what they free goes.
#include <sys/mman.h>

#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class locking_program : public ::testing::TestWithParam<start> {};

TEST_P(locking_program, has_little_more_locked_than_is_in_use) {
  for (const int flags : {MCL_CURRENT, MCL_FUTURE, MCL_CURRENT | MCL_FUTURE,
                          MCL_CURRENT | MCL_ONFAULT, MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT}) {
    const harness::outcome result =
        harness::run({{LOCKING_PROGRAM, std::to_string(flags)}, environment_for(GetParam())});
    EXPECT_EQ(result.exit_code, 0) << "flags " << flags << ": " << harness::describe(result);
  }
}

INSTANTIATE_TEST_SUITE_P(started, locking_program,
                         ::testing::Values(start::alone, start::preloaded), programs::name_of);

}  // namespace
