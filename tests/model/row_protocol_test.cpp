// Every interleaving of who passes a row of live figures on with who reads it, with loads and
// stores in any order that model/view_memory.hpp has, which is any that C++ allows but for loads
// that read what is stored later: no connection is shown with figures of another.
#include "model/row_protocol.hpp"

#include <gtest/gtest.h>

#include "model/explorer.hpp"

namespace {

using model::figures_come;
using model::row_mistake;

model::walk walk_through(figures_come how, row_mistake wrong = row_mistake::none) {
  return model::explore(model::row_protocol(how, wrong), model::row_state{});
}

class row_protocol : public testing::TestWithParam<figures_come> {};

TEST_P(row_protocol, a_row_that_passes_on_as_it_is_read) {
  const model::walk found = walk_through(GetParam());
  EXPECT_EQ(found.failure, "");
  EXPECT_GT(found.states, 500u);
}

TEST_P(row_protocol, walk_finds_each_mistake) {
  for (const row_mistake wrong :
       {row_mistake::relaxed_figures, row_mistake::relaxed_id, row_mistake::relaxed_first_look,
        row_mistake::no_fence_of_reader, row_mistake::no_second_look}) {
    EXPECT_EQ(walk_through(GetParam(), wrong).failure, "figures of another")
        << static_cast<int>(wrong);
  }
}

INSTANTIATE_TEST_SUITE_P(figures, row_protocol,
                         testing::Values(figures_come::by_releases, figures_come::after_fence),
                         [](const auto& each) {
                           return each.param == figures_come::by_releases ? "by_releases"
                                                                          : "after_fence";
                         });

}  // namespace
