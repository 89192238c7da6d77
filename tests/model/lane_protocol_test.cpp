// Every interleaving of a few threads in one lane: nobody is inside beside another,
// nothing is lost, nobody waits for ever, and the fences are few.
#include "model/lane_protocol.hpp"

#include <gtest/gtest.h>

#include "model/explorer.hpp"

namespace {

using model::act;
using model::mistake;
using script = model::lane_protocol::script;

using begins = model::lane_protocol::begins;

model::walk walk_through(const std::vector<script>& scripts, mistake wrong = mistake::none,
                         begins as = begins::fresh) {
  const model::lane_protocol protocol(scripts, wrong, as);
  return model::explore(protocol, protocol.start());
}

void expect_nothing_wrong(const std::vector<script>& scripts, begins as = begins::fresh) {
  const model::walk found = walk_through(scripts, mistake::none, as);
  EXPECT_EQ(found.failure, "");
  EXPECT_GT(found.states, 1000u);
  ::testing::Test::RecordProperty("states", std::to_string(found.states));
}

TEST(lane_protocol, threads_that_take_turns) {
  expect_nothing_wrong({{act::take, act::take}, {act::take, act::take}, {act::take}});
}

TEST(lane_protocol, a_thread_that_frees_what_others_allocate) {
  expect_nothing_wrong({{act::take, act::take}, {act::give, act::give}, {act::give}});
}

TEST(lane_protocol, frees_and_allocations_of_each) {
  expect_nothing_wrong({{act::take, act::give}, {act::give, act::take}, {act::take}});
}

TEST(lane_protocol, looks_beside_an_owner) {
  expect_nothing_wrong({{act::take, act::take, act::give}, {act::look, act::look}});
  expect_nothing_wrong({{act::take, act::take}, {act::look}, {act::give, act::look}});
}

TEST(lane_protocol, the_end_under_the_hands_of_others) {
  expect_nothing_wrong({{act::take, act::take}, {act::end}, {act::give, act::give}});
  expect_nothing_wrong({{act::take, act::end}, {act::give, act::take}, {act::look}});
}

TEST(lane_protocol, another_arena_in_the_place_of_one_that_ended) {
  expect_nothing_wrong({{act::take, act::take}, {act::end, act::open, act::take}, {act::give}});
  expect_nothing_wrong({{act::take, act::end, act::open}, {act::take}, {act::give, act::give}});
}

TEST(lane_protocol, a_second_lane_where_threads_meet) {
  expect_nothing_wrong({{act::take, act::take}, {act::take, act::meet, act::take}, {act::take}});
}

TEST(lane_protocol, a_shared_lane_that_is_lent_and_given_back) {
  expect_nothing_wrong({{act::take, act::take, act::part}, {act::take, act::part}, {act::give}},
                       begins::shared);
  expect_nothing_wrong({{act::give, act::part}, {act::give, act::part}, {act::look}},
                       begins::shared);
}

TEST(lane_protocol, a_lent_lane_that_others_end_and_open_again) {
  expect_nothing_wrong({{act::take, act::part}, {act::end, act::open, act::take, act::take}},
                       begins::shared);
  expect_nothing_wrong({{act::take, act::end}, {act::take, act::part}, {act::give}},
                       begins::shared);
}

TEST(lane_protocol, a_second_lane_where_the_first_was_lent) {
  expect_nothing_wrong({{act::take, act::part}, {act::take, act::meet, act::take}, {act::take}},
                       begins::shared);
}

TEST(lane_protocol, walk_finds_each_mistake) {
  EXPECT_NE(walk_through({{act::take, act::take}, {act::take}}, mistake::no_fence).failure, "");
  EXPECT_NE(
      walk_through({{act::take, act::take}, {act::take}, {act::take}}, mistake::owner_before_guard)
          .failure,
      "");
  EXPECT_NE(walk_through({{act::take}, {act::give}, {act::end}}, mistake::no_second_look).failure,
            "");
  EXPECT_NE(walk_through({{act::take, act::take}, {act::take}}, mistake::owner_after_guard).failure,
            "");
  EXPECT_NE(walk_through(
                {{act::take, act::part}, {act::take, act::meet, act::take, act::take}, {act::take}},
                mistake::unguarded_return, begins::shared)
                .failure,
            "");
  EXPECT_NE(walk_through({{act::take, act::take}, {act::take}}, mistake::relaxed_leave).failure,
            "");
}

}  // namespace
