// The counters of an arena and of the process.
#include <thread>
#include <vector>

#include "harness/arenas.hpp"

namespace {

template <typename Arena>
class stats : public ::testing::Test {};
TYPED_TEST_SUITE(stats, harness::all_arenas);

TYPED_TEST(stats, count_blocks_and_bytes) {
  TypeParam arena;
  const connarena_stats before = arena.stats();
  void* small = arena.allocate(100);
  void* large = arena.allocate(100000);
  const connarena_stats during = arena.stats();
  EXPECT_EQ(during.allocations - before.allocations, 2u);
  EXPECT_GE(during.live_bytes - before.live_bytes, 100100u);
  EXPECT_LE(during.live_bytes - before.live_bytes, 120000u);
  EXPECT_GE(during.footprint_bytes, during.live_bytes);
  arena.deallocate(small, 100);
  arena.deallocate(large, 100000);
  const connarena_stats after = arena.stats();
  EXPECT_EQ(after.deallocations - before.deallocations, 2u);
  EXPECT_EQ(after.live_bytes, before.live_bytes);
}

TYPED_TEST(stats, peak_is_the_highest_footprint) {
  TypeParam arena;
  void* large = arena.allocate(4000000);
  const std::size_t high = arena.stats().footprint_bytes;
  arena.deallocate(large, 4000000);
  EXPECT_GE(arena.stats().peak_bytes, high);
  EXPECT_LT(arena.stats().footprint_bytes, high);
}

TYPED_TEST(stats, of_a_new_arena_show_a_small_footprint) {
  TypeParam arena;
  EXPECT_EQ(arena.stats().live_bytes, 0u);
  void* block = arena.allocate(100);
  EXPECT_LE(arena.stats().footprint_bytes, 16384u);
  arena.deallocate(block, 100);
}

/// Of a hundred thousand connections with 20 KB each nobody pays for 80.
TYPED_TEST(stats, of_small_blocks_show_at_most_twice_what_is_live) {
  // A thread of its own: another would begin with what it kept of a longer arena.
  std::thread([] {
    TypeParam arena;
    std::vector<void*> blocks;
    for (int i = 0; i < 10000; ++i) {
      blocks.push_back(arena.allocate(100));
      const connarena_stats now = arena.stats();
      ASSERT_LE(now.footprint_bytes, 2 * now.live_bytes + 20480) << i;
    }
    for (void* each : blocks) arena.deallocate(each, 100);
  }).join();
}

TYPED_TEST(stats, process_counts_this_arena) {
  const connarena::process_stats before = connarena::process();
  {
    TypeParam arena;
    EXPECT_EQ(connarena::process().arenas_open, before.arenas_open + 1);
    ASSERT_NE(arena.allocate(50000), nullptr);
    EXPECT_GE(connarena::process().live_bytes, before.live_bytes + 50000);
  }
  EXPECT_EQ(connarena::process().arenas_open, before.arenas_open);
  EXPECT_EQ(connarena::process().live_bytes, before.live_bytes);
}

TEST(process, counts_no_block_that_another_thread_has_freed) {
  connarena::synchronized_arena arena;
  arena.deallocate(arena.allocate(100), 100);
  const std::size_t live_bytes = connarena::process().live_bytes;
  void* const block = arena.allocate(100);
  std::thread([&] {
    arena.deallocate(block, 100);
    EXPECT_EQ(connarena::process().live_bytes, live_bytes);
  }).join();
}

TEST(process, footprint_is_the_sum_of_its_parts_or_more) {
  connarena::arena arena;
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < 2000; ++i) blocks.push_back(arena.allocate(i));
  const connarena::process_stats now = connarena::process();
  EXPECT_GE(now.footprint_bytes, now.live_bytes + now.retained_bytes + now.slack_bytes);
  EXPECT_GE(now.reserved_bytes, now.footprint_bytes);
}

}  // namespace
