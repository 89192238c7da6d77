// Small blocks that a thread has freed of a lane that another owns, and not yet passed on.
#include <connarena/arena.hpp>
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

#include "arena/lane/lane.hpp"
#include "harness/pattern.hpp"
#include "heap/retention.hpp"
#include "system/fake_os.hpp"
#include "system/hand.hpp"

namespace {

using fake_os::hand;

class outbox : public fake_os::lanes_that_stay {};

constexpr std::size_t block_bytes = 100;

/// Blocks of an arena that the calling thread owns.
struct owned_blocks {
  explicit owned_blocks(connarena_t arena) {
    for (void*& each : at) each = connarena_malloc(arena, block_bytes);
  }
  std::array<void*, 40> at;
};

void free_all(const owned_blocks& blocks) {
  for (void* each : blocks.at) connarena_free(each);
}

std::size_t live_bytes(connarena_t arena) {
  connarena_stats stats{};
  EXPECT_EQ(connarena_get_stats(arena, &stats), 0);
  return stats.live_bytes;
}

bool is_freed(const void* block) {
  const std::uint8_t mark = connarena::region.granules[connarena::granule_at(block)];
  return (mark & connarena::granule::state_mask) == connarena::granule::remote;
}

TEST_F(outbox, is_not_passed_on_block_by_block) {
  const connarena_t arena = connarena_create(nullptr);
  const owned_blocks blocks(arena);
  hand other;
  other.does([&] { free_all(blocks); });
  EXPECT_TRUE(std::all_of(blocks.at.begin(), blocks.at.end(), is_freed));
  EXPECT_EQ(connarena::lane_at(connarena::lane_index_of(arena)).remote, 0u);
  connarena_destroy(arena);
}

TEST_F(outbox, of_a_thread_that_stays_counts_as_freed) {
  const connarena_t arena = connarena_create(nullptr);
  const owned_blocks blocks(arena);
  hand other;
  other.does([&] { free_all(blocks); });
  EXPECT_EQ(live_bytes(arena), 0u);
  connarena_destroy(arena);
}

TEST_F(outbox, of_a_thread_that_stays_leaves_a_closed_arena_no_survivor) {
  const std::size_t draining = connarena::process().arenas_draining;
  connarena::arena_ptr arena = connarena::synchronized_arena::open();
  const owned_blocks blocks(arena->handle());
  hand other;
  other.does([&] {
    for (void* each : blocks.at) arena->deallocate(each, block_bytes);
  });
  arena.reset();
  EXPECT_EQ(connarena::process().arenas_draining, draining);
}

/// Whether the lane has got a block: it is in its list, or was collected.
bool is_passed_on(connarena_t arena, const void* block) {
  return connarena::lane_at(connarena::lane_index_of(arena)).remote != 0 || !is_freed(block);
}

TEST_F(outbox, is_passed_on_when_its_thread_waits) {
  const connarena_t arena = connarena_create(nullptr);
  const owned_blocks blocks(arena);
  hand other;
  other.does([&] {
    free_all(blocks);
    connarena_idle();
  });
  EXPECT_TRUE(is_passed_on(arena, blocks.at[0]));
  connarena_destroy(arena);
}

TEST_F(outbox, is_passed_on_when_its_thread_ends) {
  const connarena_t arena = connarena_create(nullptr);
  const owned_blocks blocks(arena);
  std::thread([&] { free_all(blocks); }).join();
  EXPECT_TRUE(is_passed_on(arena, blocks.at[0]));
  connarena_destroy(arena);
}

TEST_F(outbox, of_an_arena_that_was_released_has_nothing_of_the_next_one) {
  hand other;
  for (int round = 0; round < 20; ++round) {
    const connarena_t released = connarena_create(nullptr);
    const owned_blocks freed(released);
    other.does([&] { free_all(freed); });
    ASSERT_EQ(connarena_destroy(released), 0);
    const connarena_t arena = connarena_create(nullptr);
    const owned_blocks blocks(arena);
    for (void* each : blocks.at) harness::write_pattern(each, block_bytes, 1);
    const owned_blocks more(arena);
    other.does([&] {
      free_all(more);
      connarena_idle();
    });
    for (void* each : blocks.at) {
      ASSERT_FALSE(is_freed(each));
      ASSERT_TRUE(harness::holds_pattern(each, block_bytes, 1));
    }
    EXPECT_EQ(live_bytes(arena), blocks.at.size() * 112);
    ASSERT_EQ(connarena_destroy(arena), 0);
  }
}

TEST_F(outbox, that_others_empty_hides_nothing_of_what_is_idle) {
  constexpr std::int64_t mib = 1 << 20;
  const connarena_t idle = connarena_create(nullptr);
  std::vector<void*> blocks_of_idle(16 * mib / 1024);
  for (void*& each : blocks_of_idle) each = connarena_malloc(idle, 1000);
  for (void* each : blocks_of_idle) connarena_free(each);
  hand other;
  constexpr int connections = 3000;
  for (int i = 0; i < connections; ++i) {
    const connarena_t arena = connarena_create(nullptr);
    const owned_blocks blocks(arena);
    other.does([&] { free_all(blocks); });
    connarena_destroy(arena);
  }
  namespace retention = connarena::retention;
  EXPECT_GE(retention::exact().in_shared_lanes, 12 * mib);
  EXPECT_GE(retention::estimate().in_shared_lanes, retention::exact().in_shared_lanes - 2 * mib);
  connarena_destroy(idle);
}

TEST_F(outbox, that_has_passed_on_little_to_each_of_many_lanes_hides_nothing_of_what_is_idle) {
  constexpr std::size_t arenas = 1000;
  std::vector<connarena_t> all(arenas);
  std::vector<void*> blocks;
  for (connarena_t& each : all) {
    each = connarena_create(nullptr);
    for (int i = 0; i < 12; ++i) blocks.push_back(connarena_malloc(each, 1000));
  }
  const std::int64_t before = connarena::retention::exact().in_shared_lanes;
  hand other;
  other.does([&] {
    for (void* each : blocks) connarena_free(each);
  });
  constexpr std::int64_t two_pages = 8192;
  EXPECT_GE(connarena::retention::exact().in_shared_lanes - before, (arenas - 4) * two_pages);
  for (const connarena_t each : all) connarena_destroy(each);
}

TEST_F(outbox, has_no_block_that_is_freed_twice) {
  const connarena_t arena = connarena_create(nullptr);
  const owned_blocks blocks(arena);
  const auto free_twice = [&] {
    connarena_free(blocks.at[0]);
    connarena_free(blocks.at[1]);
    connarena_free(blocks.at[0]);
  };
  EXPECT_DEATH(std::thread(free_twice).join(), "connarena: double free of 0x");
  connarena_destroy(arena);
}

}  // namespace
