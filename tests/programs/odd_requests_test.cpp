// Requests at the edges of what malloc and kin take are answered as the C library does.
#include "programs/preload.hpp"

namespace {

TEST(odd_request, is_answered_as_by_the_c_library) {
  const harness::outcome alone = harness::run({{ODD_REQUESTS_PROGRAM}});
  ASSERT_EQ(alone.exit_code, 0) << harness::describe(alone);
  for (const char* small : {"CONNARENA_SMALL=off", "CONNARENA_SMALL=on"}) {
    const harness::outcome preloaded =
        harness::run({{ODD_REQUESTS_PROGRAM}, {"LD_PRELOAD=" PRELOAD_LIBRARY, small}});
    EXPECT_EQ(preloaded.exit_code, 0) << harness::describe(preloaded);
    EXPECT_EQ(preloaded.output, alone.output);
  }
}

}  // namespace
