// Idle memory is bounded for the process: 8 MiB plus a 32nd of what is live, from
// the moment at which the program says that it waits. For when it goes by itself see
// tests/system/idle_memory_test.cpp.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "harness/idle_memory.hpp"
#include "harness/resident_memory.hpp"

namespace {

using harness::kib;
using harness::mib;

void expect_bound_holds() {
  EXPECT_TRUE(harness::idle_memory_goes());
  const connarena::process_stats now = connarena::process();
  EXPECT_LE(now.retained_bytes, 8 * mib + now.live_bytes / 32);
}

std::vector<void*> allocate_many(std::pmr::memory_resource& from, std::size_t total_bytes,
                                 std::size_t bytes) {
  std::vector<void*> blocks;
  for (std::size_t sum = 0; sum < total_bytes; sum += bytes) {
    blocks.push_back(from.allocate(bytes));
    *static_cast<char*>(blocks.back()) = 'x';
  }
  return blocks;
}

void deallocate_all(std::pmr::memory_resource& to, const std::vector<void*>& blocks,
                    std::size_t bytes) {
  for (void* at : blocks) to.deallocate(at, bytes);
}

class retention : public ::testing::TestWithParam<std::size_t> {};

TEST_P(retention, bound_holds_after_frees_in_an_open_arena) {
  connarena::arena arena;
  deallocate_all(arena, allocate_many(arena, 64 * mib, GetParam()), GetParam());
  expect_bound_holds();
}

TEST_P(retention, bound_holds_after_frees_in_an_open_synchronized_arena) {
  connarena::synchronized_arena arena;
  deallocate_all(arena, allocate_many(arena, 64 * mib, GetParam()), GetParam());
  expect_bound_holds();
}

TEST_P(retention, bound_holds_after_release) {
  connarena::arena arena;
  allocate_many(arena, 64 * mib, GetParam());
  arena.release();
  expect_bound_holds();
}

TEST_P(retention, bound_holds_after_close) {
  connarena::arena_ptr arena = connarena::synchronized_arena::open();
  deallocate_all(*arena, allocate_many(*arena, 64 * mib, GetParam()), GetParam());
  arena.reset();
  expect_bound_holds();
}

TEST(retention_among_survivors, page_goes_when_its_last_one_does) {
  // Other tests may have left survivors in this process.
  const connarena::process_stats before = connarena::process();
  constexpr std::size_t blocks_of_span = 16 * 4 * kib / 64;
  connarena::arena_ptr closed = connarena::synchronized_arena::open();
  std::pmr::memory_resource* const resource = closed.get();
  const std::vector<void*> survivors = allocate_many(*resource, 64 * mib, 64);
  closed.reset();
  for (std::size_t i = 0; i < survivors.size(); ++i) {
    if (i % blocks_of_span != 0) resource->deallocate(survivors[i], 64);
  }
  expect_bound_holds();
  // A page for each that is left, and some of control blocks.
  EXPECT_LE(connarena::process().slack_bytes, before.slack_bytes + 64 * mib / 16 + mib);
  for (std::size_t i = 0; i < survivors.size(); i += blocks_of_span) {
    resource->deallocate(survivors[i], 64);
  }
  EXPECT_EQ(connarena::process().live_bytes, before.live_bytes);
}

TEST(retention_among_survivors, bound_holds_after_they_are_freed_last) {
  connarena::arena_ptr closed = connarena::synchronized_arena::open();
  std::pmr::memory_resource* const resource = closed.get();
  std::vector<void*> gaps;
  std::vector<void*> survivors;
  for (int i = 0; i < 16384; ++i) {
    gaps.push_back(resource->allocate(2000));
    survivors.push_back(resource->allocate(1500));
  }
  deallocate_all(*resource, gaps, 2000);
  closed.reset();
  connarena::synchronized_arena arena;
  const std::vector<void*> blocks = allocate_many(arena, 16384 * std::size_t{2000}, 2000);
  deallocate_all(arena, blocks, 2000);
  deallocate_all(*resource, survivors, 1500);
  expect_bound_holds();
}

TEST_P(retention, bound_is_not_multiplied_by_arenas) {
  std::vector<std::unique_ptr<connarena::synchronized_arena>> arenas;
  for (int i = 0; i < 30; ++i) {
    arenas.push_back(std::make_unique<connarena::synchronized_arena>());
    deallocate_all(*arenas.back(), allocate_many(*arenas.back(), 4 * mib, GetParam()), GetParam());
  }
  expect_bound_holds();
}

TEST_P(retention, bound_is_not_multiplied_by_idle_arenas_of_one_thread) {
  std::vector<std::unique_ptr<connarena::arena>> arenas;
  std::vector<std::vector<void*>> blocks;
  for (int i = 0; i < 30; ++i) {
    arenas.push_back(std::make_unique<connarena::arena>());
    blocks.push_back(allocate_many(*arenas.back(), 4 * mib, GetParam()));
  }
  for (std::size_t i = 0; i < arenas.size(); ++i) {
    deallocate_all(*arenas[i], blocks[i], GetParam());
  }
  expect_bound_holds();
}

TEST_P(retention, bound_holds_when_frees_come_in_any_order) {
  connarena::synchronized_arena arena;
  std::vector<void*> blocks = allocate_many(arena, 64 * mib, GetParam());
  for (std::size_t step : {3u, 2u, 1u}) {
    for (std::size_t i = 0; i < blocks.size(); i += step) {
      if (blocks[i] == nullptr) continue;
      arena.deallocate(blocks[i], GetParam());
      blocks[i] = nullptr;
    }
  }
  expect_bound_holds();
}

INSTANTIATE_TEST_SUITE_P(sizes, retention,
                         ::testing::Values(64, 320, 1000, 3500, 4 * kib, 20 * kib, 100 * kib,
                                           mib + 40));

}  // namespace
