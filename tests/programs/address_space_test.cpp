// Programs that have little address space.
#include "programs/preload.hpp"

namespace {

using programs::environment_for;
using programs::start;

class limited_program : public ::testing::TestWithParam<start> {};

TEST_P(limited_program, grows_a_buffer_that_has_room_only_once) {
  const harness::outcome result =
      harness::run({{"/bin/sh", "-c", "ulimit -v 2097152 && exec " GROWING_PROGRAM},
                    environment_for(GetParam())});
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

INSTANTIATE_TEST_SUITE_P(started, limited_program,
                         ::testing::Values(start::alone, start::preloaded), programs::name_of);

}  // namespace
