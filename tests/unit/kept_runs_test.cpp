// Blocks of more than a page that are freed and soon wanted again: the thread keeps their
// runs, and what the arena and the process say of them is the same as of any block.
#include <thread>
#include <vector>

#include "harness/arenas.hpp"
#include "harness/pattern.hpp"

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;
constexpr std::size_t run_bytes = 16 * kib;

/// So many blocks: each may have a run that is up to an eighth longer.
void expect_to_hold(std::size_t live_bytes, std::size_t count) {
  EXPECT_GE(live_bytes, count * run_bytes);
  EXPECT_LE(live_bytes, count * run_bytes * 9 / 8);
}

template <typename Arena>
class kept_runs : public ::testing::Test {
 protected:
  std::vector<void*> take(std::size_t count, std::size_t bytes = run_bytes) {
    std::vector<void*> blocks(count);
    for (void*& block : blocks) block = arena.allocate(bytes);
    return blocks;
  }
  void give(const std::vector<void*>& blocks, std::size_t bytes = run_bytes) {
    for (void* block : blocks) arena.deallocate(block, bytes);
  }

  Arena arena;
};
TYPED_TEST_SUITE(kept_runs, harness::all_arenas);

TYPED_TEST(kept_runs, count_as_blocks_each_time) {
  for (int round = 0; round < 3; ++round) {
    const connarena_stats before = this->arena.stats();
    const std::vector<void*> blocks = this->take(8);
    const connarena_stats during = this->arena.stats();
    EXPECT_EQ(during.allocations - before.allocations, 8u);
    expect_to_hold(during.live_bytes - before.live_bytes, 8);
    this->give(blocks);
    const connarena_stats after = this->arena.stats();
    EXPECT_EQ(after.deallocations - before.deallocations, 8u);
    EXPECT_EQ(after.live_bytes, before.live_bytes);
    EXPECT_EQ(after.footprint_bytes, before.footprint_bytes);
  }
}

TYPED_TEST(kept_runs, raise_the_peak_above_that_of_small_blocks_that_came_meanwhile) {
  this->give(this->take(8));
  const std::size_t of_runs = this->arena.stats().peak_bytes;
  EXPECT_GE(of_runs, 8 * run_bytes);
  // Beside the runs that are free now these are no peak.
  const std::vector<void*> small = this->take(40, kib);
  EXPECT_LT(this->arena.stats().peak_bytes, of_runs + run_bytes);
  const std::vector<void*> runs = this->take(8);
  const std::size_t of_both = this->arena.stats().footprint_bytes;
  EXPECT_GE(of_both, 8 * run_bytes + 40 * kib);
  this->give(runs);
  this->give(small, kib);
  // Survivors of others that share its pages may have gone since.
  EXPECT_GE(this->arena.stats().peak_bytes + run_bytes, of_both);
}

TYPED_TEST(kept_runs, that_all_go_at_once_leave_their_peak) {
  this->take(9);
  this->arena.release();
  EXPECT_GE(this->arena.stats().peak_bytes, 9 * run_bytes);
}

TYPED_TEST(kept_runs, that_came_before_a_limit_leave_their_peak) {
  const std::vector<void*> blocks = this->take(9);
  this->arena.set_limit(mib);
  this->give(blocks);
  EXPECT_GE(this->arena.stats().peak_bytes, 9 * run_bytes);
}

TYPED_TEST(kept_runs, hold_what_is_written_whatever_their_last_block_was) {
  constexpr std::size_t sizes[] = {run_bytes, run_bytes - 1, run_bytes - 1000, run_bytes - 300};
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (std::size_t i = 0; i < 2000; ++i) {
    const std::size_t bytes = sizes[i % 4];
    auto* const block = static_cast<unsigned char*>(this->arena.allocate(bytes));
    harness::write_pattern(block, bytes, bytes);
    blocks.emplace_back(block, bytes);
    if (i % 3 == 0) continue;
    const std::size_t at = i * 7 % blocks.size();
    const auto [freed, freed_bytes] = blocks[at];
    ASSERT_TRUE(harness::holds_pattern(freed, freed_bytes, freed_bytes, freed_bytes));
    this->arena.deallocate(freed, freed_bytes);
    blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(at));
  }
  for (const auto& [block, bytes] : blocks) {
    EXPECT_TRUE(harness::holds_pattern(block, bytes, bytes, bytes));
    this->arena.deallocate(block, bytes);
  }
}

TYPED_TEST(kept_runs, of_every_place_in_the_list_leave_the_others_to_be_released) {
  const std::size_t live_bytes = connarena::process().live_bytes;
  const std::vector<void*> blocks = this->take(9);
  for (const std::size_t freed : {0u, 4u, 8u}) this->arena.deallocate(blocks[freed], run_bytes);
  this->take(2);
  expect_to_hold(this->arena.stats().live_bytes, 8);
  this->arena.release();
  EXPECT_EQ(this->arena.stats().live_bytes, 0u);
  EXPECT_EQ(connarena::process().live_bytes, live_bytes);
}

TYPED_TEST(kept_runs, do_not_come_beyond_a_limit) {
  this->give(this->take(8));
  TypeParam limited(6 * run_bytes);
  std::vector<void*> blocks;
  while (void* const block = limited.allocate(run_bytes)) {
    ASSERT_LT(blocks.size(), 6u);
    blocks.push_back(block);
  }
  EXPECT_GE(blocks.size(), 4u);
  EXPECT_LE(limited.stats().peak_bytes, 6 * run_bytes);
  for (void* block : blocks) limited.deallocate(block, run_bytes);
  void* const block = limited.allocate(run_bytes);
  EXPECT_NE(block, nullptr);
  limited.deallocate(block, run_bytes);
}

template <typename Arena>
class kept_runs_of_resources : public kept_runs<Arena> {};
using resources = ::testing::Types<harness::one_thread_arena, harness::any_thread_arena>;
TYPED_TEST_SUITE(kept_runs_of_resources, resources);

TYPED_TEST(kept_runs_of_resources, serve_a_block_that_is_at_most_an_eighth_shorter) {
  static_cast<void>(connarena_trim());  // what other tests left, one of just the length perhaps
  this->give(this->take(1, 45 * kib), 45 * kib);
  const std::vector<void*> shorter = this->take(1, 40 * kib);
  EXPECT_EQ(this->arena.stats().live_bytes, 45 * kib);
  this->give(shorter, 40 * kib);
  const std::vector<void*> too_short = this->take(1, 39 * kib);
  EXPECT_LT(this->arena.stats().live_bytes, 45 * kib);
  this->give(too_short, 39 * kib);
}

TYPED_TEST(kept_runs_of_resources, are_no_longer_than_asked_for_where_there_is_a_limit) {
  this->give(this->take(1, 61 * kib), 61 * kib);
  TypeParam limited(mib);
  void* const block = limited.allocate(60 * kib);
  EXPECT_EQ(limited.stats().live_bytes, 60 * kib);
  limited.deallocate(block, 60 * kib);
}

// What the C API gives out is malloc's: it may stay for as long as the program likes.
TEST(kept_runs_of_c_arenas, are_no_longer_than_asked_for) {
  harness::c_arena arena;
  arena.deallocate(arena.allocate(53 * kib), 53 * kib);
  void* const block = arena.allocate(52 * kib);
  EXPECT_EQ(connarena_usable_size(block), 52 * kib);
  arena.deallocate(block, 52 * kib);
}

TYPED_TEST(kept_runs, start_where_a_larger_alignment_wants_them) {
  this->give(this->take(8, run_bytes - 1000), run_bytes - 1000);
  for (const std::size_t alignment : {64u, 256u, 1024u, 4096u}) {
    void* const block = this->arena.allocate(run_bytes - 1000, alignment);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0u);
    this->arena.deallocate(block, run_bytes - 1000, alignment);
  }
}

TEST(kept_runs_of_threads, that_take_and_free_in_one_arena_at_once_stay_apart) {
  connarena::synchronized_arena arena;
  const auto work = [&arena](unsigned char mark) {
    bool is_whole = true;
    for (int i = 0; i < 3000; ++i) {
      auto* const first = static_cast<unsigned char*>(arena.allocate(run_bytes));
      auto* const second = static_cast<unsigned char*>(arena.allocate(run_bytes));
      first[0] = first[run_bytes - 1] = mark;
      second[0] = second[run_bytes - 1] = mark;
      is_whole &= first[0] == mark && first[run_bytes - 1] == mark;
      arena.deallocate(first, run_bytes);
      is_whole &= second[0] == mark && second[run_bytes - 1] == mark;
      connarena_free(second);
    }
    EXPECT_TRUE(is_whole);
  };
  std::vector<std::thread> threads;
  for (unsigned char mark = 1; mark <= 4; ++mark) threads.emplace_back(work, mark);
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(arena.stats().live_bytes, 0u);
  EXPECT_EQ(arena.stats().allocations, arena.stats().deallocations);
}

}  // namespace
