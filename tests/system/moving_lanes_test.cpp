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
#include "harness/child_process.hpp"
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

connarena::thread_id owner_of(const connection& served) {
  return connarena::lane_of(served.handle_of_arena())->owner;
}
connarena::thread_id own_id() { return connarena::this_thread().id; }

/// Two connections whose handlers have run on two threads so often that their lanes are lent.
class lent_lane : public moving_lane {
 protected:
  void SetUp() override {
    moving_lane::SetUp();
    for (int turn = 0; turn < 2 * connarena::comings_before_it_is_lent; ++turn) handle_each();
    ended_ = fences();
  }
  void TearDown() override {
    served_.close();
    other_.close();
    moving_lane::TearDown();
  }
  /// Each thread works in both, one after the other.
  void handle_each() {
    for (hand& each : hands_) {
      each.does([&] {
        served_.handle();
        other_.handle();
      });
    }
  }
  [[nodiscard]] std::size_t fences_since() const { return fences() - ended_; }

  std::array<hand, 2> hands_;
  connection served_;
  connection other_;

 private:
  std::size_t ended_ = 0;
};

TEST_F(lent_lane, is_its_borrowers_until_that_comes_to_another) {
  hands_[0].does([&] {
    served_.handle();
    EXPECT_EQ(owner_of(served_), own_id());
    other_.handle();
    EXPECT_EQ(owner_of(served_), 0u);
  });
  hands_[1].does([&] {
    served_.handle();
    EXPECT_EQ(owner_of(served_), own_id());
  });
  EXPECT_EQ(fences_since(), 0u);
}

TEST_F(lent_lane, is_given_back_where_its_borrower_waits) {
  hands_[0].does([&] {
    served_.handle();
    EXPECT_EQ(owner_of(served_), own_id());
    connarena_idle();
    EXPECT_EQ(owner_of(served_), 0u);
  });
}

TEST_F(lent_lane, that_is_taken_from_its_borrower_is_not_lent_for_long) {
  for (int turn = 0; turn < connarena::comings_for_a_fence / 2; ++turn) {
    for (hand& each : hands_) each.does([&] { served_.handle(); });
  }
  EXPECT_EQ(fences_since(), 1u);
}

TEST_F(lent_lane, whose_arena_ended_is_not_taken_for_what_came_in_its_place) {
  const auto first_of = [](connarena_t arena) -> connarena::lane& {
    return connarena::lane_at(connarena::lane_index_of(arena));
  };
  connarena_t next = 0;
  hands_[0].does([&] {
    const connarena_t ended = connarena_create(nullptr);
    first_of(ended).hands.changes = connarena::most_changes;
    first_of(ended).hands.comings_left = 0;
    connarena_free(connarena_malloc(ended, 100));
    EXPECT_EQ(first_of(ended).owner, own_id());
    connarena_destroy(ended);
    next = connarena_create(nullptr);
    EXPECT_EQ(&first_of(next), &first_of(ended));
    first_of(next).hands.changes = 0;
    connarena_malloc(next, 100);
    served_.handle();
    EXPECT_EQ(first_of(next).owner, own_id());
    EXPECT_EQ(owner_of(served_), own_id());
  });
  connarena_destroy(next);
}

int come_to_a_lane_that_nobody_may_own() {
  const connarena_t arena = connarena_create(nullptr);
  connarena::lane& lane = connarena::lane_at(connarena::lane_index_of(arena));
  lane.hands.changes = connarena::most_changes;
  lane.hands.comings_left = 0;
  connarena::let_nobody_own();
  connarena_free(connarena_malloc(arena, 100));
  if (lane.owner != 0) return 1;
  return lane.hands.comings_left > connarena::comings_before_it_is_lent ? 0 : 2;
}

TEST(shared_lane, is_not_asked_at_each_block_to_be_lent_where_nobody_may_own) {
  const harness::outcome result = harness::run_forked(come_to_a_lane_that_nobody_may_own);
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
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
