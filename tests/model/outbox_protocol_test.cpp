// Every interleaving of two threads that free blocks of a lane with whoever counts it, then
// ends it: no block is lost, and none that was freed before the end outlives the lane.
#include "model/outbox_protocol.hpp"

#include <gtest/gtest.h>

#include "model/explorer.hpp"

namespace {

using model::outbox_mistake;

enum class end : std::uint8_t { under_their_hands, after_they_have_freed };

model::walk walk_through(end when, outbox_mistake wrong = outbox_mistake::none) {
  const model::outbox_protocol protocol(when == end::after_they_have_freed, wrong);
  return model::explore(protocol, model::outbox_protocol::start());
}

TEST(outbox_protocol, a_lane_that_ends_when_its_blocks_are_freed) {
  const model::walk found = walk_through(end::after_they_have_freed);
  EXPECT_EQ(found.failure, "");
  EXPECT_GT(found.states, 1000u);
}

TEST(outbox_protocol, a_lane_that_ends_under_the_hands_of_others) {
  const model::walk found = walk_through(end::under_their_hands);
  EXPECT_EQ(found.failure, "");
  EXPECT_GT(found.states, 1000u);
}

TEST(outbox_protocol, walk_finds_each_mistake) {
  EXPECT_NE(walk_through(end::under_their_hands, outbox_mistake::no_second_look).failure, "");
  EXPECT_NE(walk_through(end::after_they_have_freed, outbox_mistake::says_before_guard).failure,
            "");
  EXPECT_NE(walk_through(end::after_they_have_freed, outbox_mistake::looks_before_word).failure,
            "");
  EXPECT_NE(walk_through(end::after_they_have_freed, outbox_mistake::pushes_after_guard).failure,
            "");
  for (const outbox_mistake wrong :
       {outbox_mistake::relaxed_enter, outbox_mistake::relaxed_leave, outbox_mistake::relaxed_push,
        outbox_mistake::relaxed_last_look}) {
    EXPECT_NE(walk_through(end::under_their_hands, wrong).failure, "") << static_cast<int>(wrong);
  }
}

}  // namespace
