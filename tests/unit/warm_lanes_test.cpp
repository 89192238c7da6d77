// An arena that starts in what the thread's last one left is as good as any other.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "harness/arenas.hpp"
#include "harness/idle_memory.hpp"
#include "harness/random_seed.hpp"
#include "harness/resident_memory.hpp"

namespace {

using harness::kib;
using harness::mib;

/// What a connection uses: some of its first block, and some pages.
template <typename Arena>
std::vector<void*> serve(Arena& arena, std::size_t count = 60) {
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < count; ++i) {
    blocks.push_back(arena.allocate(16 + i * 9));
    std::memset(blocks.back(), static_cast<int>(i), 16 + i * 9);
  }
  return blocks;
}

template <typename Arena>
void end(Arena& arena, const std::vector<void*>& blocks, std::size_t kept) {
  for (std::size_t i = kept; i < blocks.size(); ++i) arena.deallocate(blocks[i], 16 + i * 9);
}

/// Connections of which some blocks are alive when they end.
template <typename Arena>
void leave_warm_lanes(std::size_t count, std::size_t live_blocks) {
  std::vector<std::unique_ptr<Arena>> arenas;
  for (std::size_t i = 0; i < count; ++i) {
    arenas.push_back(std::make_unique<Arena>());
    end(*arenas.back(), serve(*arenas.back()), live_blocks);
  }
}

template <typename Arena>
class warm_lane : public ::testing::Test {};
TYPED_TEST_SUITE(warm_lane, harness::all_arenas);

TYPED_TEST(warm_lane, starts_with_nothing_in_it) {
  for (const std::size_t live : {0u, 30u, 60u}) {
    leave_warm_lanes<TypeParam>(3, live);
    TypeParam next;
    const connarena_stats before = next.stats();
    EXPECT_EQ(before.allocations, 0u);
    EXPECT_EQ(before.deallocations, 0u);
    EXPECT_EQ(before.live_bytes, 0u);
    EXPECT_LE(before.footprint_bytes, before.peak_bytes);
    const std::vector<void*> blocks = serve(next);
    EXPECT_EQ(next.stats().allocations, blocks.size());
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      EXPECT_EQ(static_cast<unsigned char*>(blocks[i])[15 + i * 9], i);
    }
    end(next, blocks, 0);
    EXPECT_EQ(next.stats().live_bytes, 0u);
  }
}

TYPED_TEST(warm_lane, serves_connections_of_every_length) {
  for (const std::size_t count : {1u, 400u, 3u, 60u, 2000u, 10u, 0u, 60u}) {
    for (int round = 0; round < 3; ++round) {
      TypeParam arena;
      const std::vector<void*> blocks = serve(arena, count % 100);
      for (std::size_t i = 100; i < count; ++i) {
        ASSERT_NE(arena.allocate(i % 2 == 0 ? 700 : 3000), nullptr);
      }
      end(arena, blocks, count / 2);
    }
  }
}

// An aligned block leaves room free before it and behind it, where nothing was freed.
TYPED_TEST(warm_lane, serves_after_connections_of_aligned_blocks) {
  std::minstd_rand random(static_cast<unsigned>(harness::random_seed()));
  for (int round = 0; round < 2000; ++round) {
    const bool frees = random() % 2 == 0;
    TypeParam arena;
    for (std::size_t count = random() % 12; count > 0; --count) {
      const std::size_t alignment = std::size_t{16} << random() % 9;
      const std::size_t bytes = 1 + random() % (random() % 2 == 0 ? 100 : 2000);
      void* const block = arena.allocate(bytes, alignment);
      ASSERT_NE(block, nullptr);
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0u);
      std::memset(block, 0xA5, bytes);
      if (frees && random() % 3 == 0) arena.deallocate(block, bytes, alignment);
    }
  }
}

TYPED_TEST(warm_lane, leaves_a_limit_what_it_means) {
  constexpr std::size_t limit_bytes = 20 * kib;
  leave_warm_lanes<TypeParam>(10, 20);
  TypeParam limited(limit_bytes);
  EXPECT_LT(limited.stats().footprint_bytes, kib);
  std::size_t count = 0;
  while (limited.allocate(700) != nullptr) ++count;
  EXPECT_GE(count * 700, limit_bytes / 2);
  EXPECT_LE(limited.stats().footprint_bytes, limit_bytes);
}

// What a lane was opened with is idle until the connection comes to it.
TYPED_TEST(warm_lane, holds_a_small_connection_no_pages_for_long) {
  const std::size_t before = connarena::process().footprint_bytes;
  std::vector<std::unique_ptr<TypeParam>> idle;
  for (int i = 0; i < 2000; ++i) {
    leave_warm_lanes<TypeParam>(1, 60);
    idle.push_back(std::make_unique<TypeParam>());
    ASSERT_NE(idle.back()->allocate(64), nullptr);
  }
  EXPECT_TRUE(harness::idle_memory_goes());
  EXPECT_LE(connarena::process().footprint_bytes, before + 8 * mib + idle.size() * kib);
}

TEST(warm_lanes, go_from_one_kind_of_arena_to_the_other) {
  for (int round = 0; round < 100; ++round) {
    leave_warm_lanes<harness::one_thread_arena>(3, 20);
    harness::any_thread_arena shared;
    const std::vector<void*> blocks = serve(shared);
    std::thread([&] { end(shared, blocks, 0); }).join();
    EXPECT_EQ(shared.stats().live_bytes, 0u);
  }
}

TEST(warm_lanes, of_a_connection_that_moved_serve_another_thread) {
  connarena_t last = 0;
  for (int round = 0; round < 50; ++round) {
    const connarena_t arena = connarena_create(nullptr);
    EXPECT_NE(arena, last);
    EXPECT_EQ(connarena_malloc(last, 64), nullptr) << "the handle is stale";
    last = arena;
    std::vector<void*> blocks;
    for (int i = 0; i < 3; ++i) {
      std::thread([&] { blocks.push_back(connarena_malloc(arena, 500)); }).join();
    }
    for (void* block : blocks) connarena_free(block);
    EXPECT_EQ(connarena_close(arena), 0);
  }
}

/// What a thread does with its connections, one after the other; the last of them is left open.
connarena_t serve_in_turn(std::size_t count, std::atomic<connarena_t>& open) {
  for (std::size_t i = 0; i < count; ++i) {
    const connarena_t arena = connarena_create(nullptr);
    open = arena;
    auto* const block = static_cast<unsigned char*>(connarena_malloc(arena, 64));
    std::memset(block, static_cast<int>(i), 64);
    for (std::size_t at = 0; at < 64; ++at) EXPECT_EQ(block[at], i % 256);
    if (i % 3 == 0) connarena_free(block);
    EXPECT_EQ(i % 3 == 0 ? connarena_close(arena) : connarena_destroy(arena), 0);
  }
  open = connarena_create(nullptr);
  EXPECT_NE(connarena_malloc(open, 64), nullptr);
  return open;
}

// They look into the lane before its arena ends, after, and when it is the next one's.
TEST(warm_lanes, of_their_owner_bear_who_looks_in) {
  std::atomic<connarena_t> open{0};
  std::atomic<bool> has_ended{false};
  std::thread visitor([&] {
    while (!has_ended) {
      connarena_stats stats;
      static_cast<void>(connarena_get_stats(open, &stats));
      connarena_trim();
      connarena_process_stats all;
      EXPECT_EQ(connarena_get_process_stats(&all), 0);
    }
  });
  const connarena_t last = serve_in_turn(3000, open);
  has_ended = true;
  visitor.join();
  connarena_stats stats;
  ASSERT_EQ(connarena_get_stats(last, &stats), 0);
  EXPECT_EQ(stats.allocations, 1u);
  EXPECT_EQ(stats.live_bytes, 64u);
  EXPECT_EQ(connarena_destroy(last), 0);
}

TEST(warm_lanes, of_a_thread_that_ended_serve_others) {
  const std::size_t before = connarena::process().footprint_bytes;
  for (int round = 0; round < 50; ++round) {
    std::atomic<connarena_t> open{0};
    connarena_t left = 0;
    std::thread([&] { left = serve_in_turn(20, open); }).join();
    EXPECT_EQ(connarena_malloc(left, 64) != nullptr, true);
    EXPECT_EQ(connarena_close(left), 0);
    EXPECT_EQ(connarena_destroy(serve_in_turn(20, open)), 0);
  }
  EXPECT_TRUE(harness::idle_memory_goes());
  EXPECT_LE(connarena::process().footprint_bytes, before + 8 * mib);
}

TEST(warm_lanes, serve_a_second_thread_and_then_their_owner) {
  for (int round = 0; round < 200; ++round) {
    const connarena_t arena = connarena_create(nullptr);
    void* const mine = connarena_malloc(arena, 64);
    void* others = nullptr;
    if (round % 4 == 0) std::thread([&] { others = connarena_malloc(arena, 64); }).join();
    EXPECT_NE(mine, others);
    connarena_stats stats;
    ASSERT_EQ(connarena_get_stats(arena, &stats), 0);
    EXPECT_EQ(stats.allocations, round % 4 == 0 ? 2u : 1u);
    EXPECT_EQ(connarena_destroy(arena), 0);
  }
}

}  // namespace
