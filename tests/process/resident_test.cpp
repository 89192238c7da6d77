// Freed memory leaves the process, as the kernel counts it.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "harness/idle_memory.hpp"
#include "harness/resident_memory.hpp"

namespace {

using harness::mib;
using harness::resident_growth;

/// The retention floor, and 2 MiB for tables and the test's own lists.
constexpr std::ptrdiff_t allowed_bytes = 10 * mib;

std::vector<void*> fill(std::pmr::memory_resource& arena, std::size_t total_bytes,
                        std::size_t bytes) {
  std::vector<void*> blocks;
  for (std::size_t sum = 0; sum < total_bytes; sum += bytes) {
    blocks.push_back(arena.allocate(bytes));
    std::memset(blocks.back(), 'x', bytes);
  }
  return blocks;
}

class resident : public ::testing::TestWithParam<std::size_t> {};

TEST_P(resident, falls_when_blocks_of_an_open_arena_are_freed) {
  connarena::synchronized_arena arena;
  const resident_growth growth;
  {
    const std::vector<void*> blocks = fill(arena, 256 * mib, GetParam());
    EXPECT_GE(growth.bytes(), static_cast<std::ptrdiff_t>(256 * mib));
    for (void* block : blocks) arena.deallocate(block, GetParam());
  }
  EXPECT_TRUE(harness::idle_memory_goes());
  EXPECT_LE(growth.bytes(), allowed_bytes);
}

TEST_P(resident, falls_when_an_arena_closes) {
  const resident_growth growth;
  connarena::arena_ptr arena = connarena::synchronized_arena::open();
  for (void* block : fill(*arena, 256 * mib, GetParam())) arena->deallocate(block, GetParam());
  arena.reset();
  EXPECT_TRUE(harness::idle_memory_goes());
  EXPECT_LE(growth.bytes(), allowed_bytes);
}

TEST(resident_of_survivors, falls_to_the_pages_of_those_that_are_left) {
  constexpr std::size_t bytes = 64;
  constexpr std::size_t blocks_of_chunk = 64 * harness::kib / bytes;
  connarena::arena_ptr arena = connarena::synchronized_arena::open();
  std::pmr::memory_resource* const resource = arena.get();
  const resident_growth growth;
  std::vector<void*> left;
  {
    const std::vector<void*> blocks = fill(*arena, 64 * mib, bytes);
    arena.reset();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (i % blocks_of_chunk == 0) {
        left.push_back(blocks[i]);
      } else {
        resource->deallocate(blocks[i], bytes);
      }
    }
  }
  EXPECT_TRUE(harness::idle_memory_goes());
  EXPECT_LE(growth.bytes(), allowed_bytes + static_cast<std::ptrdiff_t>(64 * mib / 16 + 4 * mib));
  for (void* block : left) resource->deallocate(block, bytes);
}

TEST_P(resident, falls_when_an_arena_is_destroyed_with_live_blocks) {
  const resident_growth growth;
  {
    connarena::arena arena;
    fill(arena, 256 * mib, GetParam());
  }
  EXPECT_TRUE(harness::idle_memory_goes());
  EXPECT_LE(growth.bytes(), allowed_bytes);
}

TEST_P(resident, footprint_agrees_with_the_kernel) {
  connarena::arena arena;
  const connarena::process_stats before = connarena::process();
  const resident_growth growth;
  const std::vector<void*> blocks = fill(arena, 64 * mib, GetParam());
  const std::ptrdiff_t counted = static_cast<std::ptrdiff_t>(connarena::process().footprint_bytes) -
                                 static_cast<std::ptrdiff_t>(before.footprint_bytes);
  EXPECT_NEAR(static_cast<double>(counted), static_cast<double>(growth.bytes()), 12.0 * mib);
  for (void* block : blocks) arena.deallocate(block, GetParam());
}

INSTANTIATE_TEST_SUITE_P(sizes, resident, ::testing::Values(400, 3000, 16384, 1 << 20));

TEST(resident, of_a_sparse_arena_falls_as_its_pages_empty) {
  constexpr std::size_t bytes = 48;
  constexpr std::size_t blocks_of_page = 4 * harness::kib / bytes;
  connarena::synchronized_arena arena;
  const resident_growth growth;
  std::vector<void*> blocks = fill(arena, 32 * mib, bytes);
  // At first something lives on about every page, so that each look finds little.
  for (const std::size_t distance : {blocks_of_page / 2, blocks_of_page * 16}) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (i % distance == 0 || blocks[i] == nullptr) continue;
      arena.deallocate(blocks[i], bytes);
      blocks[i] = nullptr;
    }
  }
  // Its list of blocks, the pages still in use, and as many that wait for a look.
  const auto lists = static_cast<std::ptrdiff_t>(blocks.size() * sizeof(void*));
  EXPECT_TRUE(harness::idle_memory_goes());
  EXPECT_LE(growth.bytes(), allowed_bytes + lists + static_cast<std::ptrdiff_t>(32 * mib / 8));
  arena.release();
}

TEST(resident, of_the_tables_falls_with_the_pages_they_describe) {
  constexpr std::size_t run_bytes = 16 * harness::kib;
  constexpr std::size_t runs = 4096 * mib / run_bytes;  // never touched
  connarena::synchronized_arena arena;
  std::vector<void*> blocks(runs, &arena);
  const resident_growth growth;
  for (void*& block : blocks) block = arena.allocate(run_bytes);
  EXPECT_GE(growth.bytes(), static_cast<std::ptrdiff_t>(16 * mib));
  for (void* block : blocks) arena.deallocate(block, run_bytes);
  // The pages' owners, 4 bytes each, remember what was released.
  EXPECT_TRUE(harness::idle_memory_goes());
  EXPECT_LE(growth.bytes(), static_cast<std::ptrdiff_t>(6 * mib));
}

TEST(resident, of_ten_thousand_idle_connections_is_small) {
  const resident_growth growth;
  std::vector<connarena::arena_ptr> connections;
  for (int i = 0; i < 10000; ++i) {
    connections.push_back(connarena::synchronized_arena::open());
    std::memset(connections.back()->allocate(100), 'x', 100);
  }
  // About 700 B each for the control block and its first block; twice that
  // leaves room for tables.
  EXPECT_TRUE(harness::idle_memory_goes());
  EXPECT_LE(growth.bytes(), static_cast<std::ptrdiff_t>(10000 * 1400 + 2 * mib));
}

}  // namespace
