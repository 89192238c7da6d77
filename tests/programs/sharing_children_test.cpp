// A child that runs in its parent's memory ends nothing of its parent, however it came.
#include <sstream>

#include "programs/preload.hpp"

namespace {

class sharing_children : public ::testing::TestWithParam<const char*> {};

TEST_P(sharing_children, end_nothing_of_their_parent) {
  const std::string preload = "LD_PRELOAD=" PRELOAD_LIBRARY;
  const harness::outcome list = harness::run({{SHARING_CHILDREN_PROGRAM, "list"}, {preload}});
  ASSERT_EQ(list.exit_code, 0) << harness::describe(list);
  ASSERT_NE(list.output, "");
  std::istringstream names(list.output);
  for (std::string name; std::getline(names, name);) {
    const harness::outcome result =
        harness::run({{SHARING_CHILDREN_PROGRAM, name}, {preload, GetParam()}});
    EXPECT_EQ(result.exit_code, 0) << name << ": " << harness::describe(result);
    EXPECT_EQ(result.errors, "") << name;
  }
}

INSTANTIATE_TEST_SUITE_P(with, sharing_children,
                         ::testing::Values("CONNARENA_ON_CLOSE=drain", "CONNARENA_ON_CLOSE=release",
                                           "CONNARENA_SMALL=on"),
                         [](const auto& each) {
                           const std::string setting = each.param;
                           return setting.substr(setting.find('=') + 1);
                         });

}  // namespace
