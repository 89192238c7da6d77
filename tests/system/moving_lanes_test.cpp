// Connections whose handlers run on any of several threads, one at a time: how often
// every thread of the process is fenced for that.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <thread>
#include <vector>

#include "arena/arenas.hpp"
#include "arena/lane/access.hpp"
#include "arena/totals.hpp"
#include "system/fake_os.hpp"
#include "system/hand.hpp"

namespace {

using fake_os::hand;
using fake_os::let_lanes_stay;

class moving_lane : public fake_os::lanes_that_stay {};

std::size_t fences() { return fake_os::seen().of(fake_os::call::fence_all_threads); }

/// One connection's blocks, of which each handler frees some and makes others.
class connection {
 public:
  void handle() {
    for (void*& each : blocks_) {
      if (each != nullptr) arena_->deallocate(each, bytes);
      each = arena_->allocate(bytes);
    }
  }
  [[nodiscard]] connarena_t handle_of_arena() const { return arena_->handle(); }
  void close() {
    for (void* each : blocks_) arena_->deallocate(each, bytes);
    arena_.reset();
  }

 private:
  static constexpr std::size_t bytes = 100;
  connarena::arena_ptr arena_ = connarena::synchronized_arena::open();
  std::array<void*, 20> blocks_{};
};

TEST_F(moving_lane, served_by_four_threads_in_turn_costs_two_fences) {
  std::array<hand, 4> hands;
  connection served;
  hands[0].does([&] { served.handle(); });
  const std::size_t before = fences();
  for (int turn = 0; turn < 40; ++turn) {
    for (hand& each : hands) each.does([&] { served.handle(); });
  }
  EXPECT_EQ(fences() - before, 2u);
  hands[3].does([&] { served.close(); });
  EXPECT_EQ(fences() - before, 2u);
}

TEST_F(moving_lane, handed_over_once_costs_one_fence_and_belongs_to_its_second_thread) {
  std::array<hand, 2> hands;
  const connarena_t arena = connarena_create(nullptr);
  hands[0].does([&] { connarena_malloc(arena, 100); });
  const std::size_t before = fences();
  hands[1].does([&] {
    for (int i = 0; i < 1000; ++i) connarena_malloc(arena, 100);
    EXPECT_EQ(connarena::lane_of(arena)->owner, connarena::this_thread().id);
    EXPECT_EQ(connarena_destroy(arena), 0);
  });
  EXPECT_EQ(fences() - before, 1u);
}

TEST_F(moving_lane, in_a_process_whose_lanes_move_has_no_owner_from_the_start) {
  constexpr int learnt = 100;
  constexpr int more = 640;
  std::array<hand, 3> hands;
  std::size_t before = 0;
  for (int i = 0; i < learnt + more; ++i) {
    if (i == learnt) before = fences();
    connection served;
    for (hand& each : hands) each.does([&] { served.handle(); });
    hands[0].does([&] { served.close(); });
  }
  EXPECT_LE(fences() - before, 3u * (more / 64));
  let_lanes_stay();
  const connarena_t again = connarena_create(nullptr);
  connarena_malloc(again, 100);
  EXPECT_EQ(connarena::lane_of(again)->owner, connarena::this_thread().id);
  connarena_destroy(again);
}

TEST_F(moving_lane, that_one_thread_works_in_for_long_is_owned_again) {
  std::array<hand, 3> hands;
  connection served;
  for (hand& each : hands) each.does([&] { served.handle(); });
  const std::size_t before = fences();
  hands[0].does([&] {
    for (int i = 0; i < 300; ++i) served.handle();
    EXPECT_EQ(connarena::lane_of(served.handle_of_arena())->owner, connarena::this_thread().id);
  });
  EXPECT_EQ(fences(), before);
  for (int turn = 0; turn < 10; ++turn) {
    for (hand& each : hands) each.does([&] { served.handle(); });
  }
  EXPECT_EQ(fences() - before, 1u);
  hands[0].does([&] { served.close(); });
}

TEST_F(moving_lane, of_which_statistics_are_taken_keeps_its_owner) {
  constexpr std::size_t count = 200;
  hand owner;
  std::vector<connarena_t> arenas(count);
  owner.does([&] {
    for (connarena_t& each : arenas) {
      each = connarena_create(nullptr);
      connarena_malloc(each, 100);
    }
  });
  const std::size_t before = fences();
  EXPECT_GE(connarena::process().live_bytes, count * 100);
  // A joint visit looks into 16 lanes for one fence.
  EXPECT_LE(fences() - before, count / 16 + 2);
  const std::size_t after = fences();
  owner.does([&] {
    for (const connarena_t each : arenas) {
      connarena_malloc(each, 100);
      EXPECT_EQ(connarena::lane_of(each)->owner, connarena::this_thread().id);
      connarena_destroy(each);
    }
  });
  EXPECT_EQ(fences(), after);
}

TEST_F(moving_lane, whose_blocks_another_thread_frees_costs_two_fences) {
  std::array<hand, 2> hands;
  const connarena_t arena = connarena_create(nullptr);
  constexpr int blocks = 20000;
  std::vector<void*> made(blocks);
  hands[0].does([&] {
    for (void*& each : made) each = connarena_malloc(arena, 100);
  });
  const std::size_t before = fences();
  hands[1].does([&] {
    for (void* each : made) connarena_free(each);
  });
  EXPECT_LE(fences() - before, 2u);
  connarena_stats stats{};
  EXPECT_EQ(connarena_get_stats(arena, &stats), 0);
  EXPECT_EQ(stats.live_bytes, 0u);
  EXPECT_EQ(connarena_destroy(arena), 0);
}

}  // namespace
