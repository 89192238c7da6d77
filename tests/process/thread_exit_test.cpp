// A thread that ends leaves its blocks alive; others free them.
#include <connarena/arena.hpp>
#include <connarena/scope.hpp>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "harness/pattern.hpp"
#include "harness/resident_memory.hpp"

namespace {

using harness::mib;

std::size_t size_of(std::size_t i) { return 16 + i * 37 % 9000; }

void allocate_some(connarena::synchronized_arena& arena, std::vector<void*>& blocks) {
  for (std::size_t i = 0; i < 500; ++i) {
    blocks.push_back(arena.allocate(size_of(i)));
    harness::write_pattern(blocks.back(), size_of(i), i);
  }
}

TEST(thread_exit, blocks_of_the_owner_stay_valid_and_are_freed_by_another) {
  connarena::synchronized_arena arena;
  std::vector<void*> blocks;
  std::thread owner([&] { allocate_some(arena, blocks); });
  owner.join();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    ASSERT_TRUE(harness::holds_pattern(blocks[i], size_of(i), i));
    arena.deallocate(blocks[i], size_of(i));
  }
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

TEST(thread_exit, arena_stays_usable_for_other_threads) {
  connarena::synchronized_arena arena;
  std::vector<void*> blocks;
  std::thread owner([&] { allocate_some(arena, blocks); });
  owner.join();
  const std::size_t footprint = arena.stats().footprint_bytes;
  for (std::size_t i = 0; i < blocks.size(); ++i) arena.deallocate(blocks[i], size_of(i));
  for (int round = 0; round < 20; ++round) {
    std::vector<void*> mine;
    std::thread next([&] { allocate_some(arena, mine); });
    next.join();
    for (std::size_t i = 0; i < mine.size(); ++i) arena.deallocate(mine[i], size_of(i));
  }
  EXPECT_LE(arena.stats().footprint_bytes, 2 * footprint);
}

TEST(thread_exit, in_a_scope_leaves_nothing_behind) {
  connarena::synchronized_arena arena;
  for (int i = 0; i < 200; ++i) {
    std::thread served([&] {
      connarena_enter(arena.handle());
      static_cast<void>(arena.allocate(100));
    });
    served.join();
  }
  arena.release();
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

TEST(thread_exit, ten_thousand_threads_leave_no_growth) {
  connarena::synchronized_arena arena;
  const auto serve = [&arena] {
    const connarena::arena_ptr own = connarena::synchronized_arena::open();
    own->deallocate(own->allocate(500), 500);
    arena.deallocate(arena.allocate(500), 500);
  };
  for (int i = 0; i < 100; ++i) std::thread(serve).join();
  const harness::resident_growth growth;
  for (int i = 0; i < 10000; ++i) std::thread(serve).join();
  EXPECT_LE(growth.bytes(), static_cast<std::ptrdiff_t>(2 * mib));
}

}  // namespace
