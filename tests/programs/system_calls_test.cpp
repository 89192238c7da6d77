// Calls that a program makes by their numbers, or that the system refuses, have the effect
// on connections that the system gave them: whatever becomes of what survives.
#include <sstream>

#include "programs/preload.hpp"

namespace {

class system_calls : public ::testing::TestWithParam<const char*> {};

TEST_P(system_calls, have_the_effect_that_the_system_gave_them) {
  const std::string preload = "LD_PRELOAD=" PRELOAD_LIBRARY;
  const harness::outcome list = harness::run({{SYSTEM_CALL_PROGRAM, "list"}, {preload}});
  ASSERT_EQ(list.exit_code, 0) << harness::describe(list);
  std::istringstream names(list.output);
  for (std::string name; std::getline(names, name);) {
    const harness::outcome result =
        harness::run({{SYSTEM_CALL_PROGRAM, name}, {preload, GetParam()}});
    EXPECT_EQ(result.exit_code, 0) << name << ": " << harness::describe(result);
    EXPECT_EQ(result.errors, "") << name;
  }
}

INSTANTIATE_TEST_SUITE_P(with, system_calls,
                         ::testing::Values("CONNARENA_ON_CLOSE=drain", "CONNARENA_ON_CLOSE=release",
                                           "CONNARENA_SMALL=on", "CONNARENA_HARDENED=on"),
                         [](const auto& each) {
                           const std::string setting = each.param;
                           return setting.substr(setting.find('=') + 1) +
                                  std::to_string(each.index);
                         });

}  // namespace
