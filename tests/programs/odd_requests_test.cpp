// Requests at the edges of what malloc and kin take are answered as the C library does, and
// those with addresses where nothing is as the system does.
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

class bad_pointer : public ::testing::TestWithParam<bool> {};

TEST_P(bad_pointer, is_refused_by_the_system) {
  std::vector<std::string> command{BAD_POINTERS_PROGRAM};
  if (GetParam()) command.emplace_back("untidy");
  const harness::outcome alone = harness::run({command});
  ASSERT_EQ(alone.exit_code, 0) << harness::describe(alone);
  const harness::outcome preloaded = harness::run({command, {"LD_PRELOAD=" PRELOAD_LIBRARY}});
  EXPECT_EQ(preloaded.exit_code, 0) << harness::describe(preloaded);
  EXPECT_EQ(preloaded.output, alone.output);
}

INSTANTIATE_TEST_SUITE_P(each, bad_pointer, ::testing::Bool(), [](const auto& each) {
  return each.param ? "with_memory_to_return" : "in_passing";
});

}  // namespace
