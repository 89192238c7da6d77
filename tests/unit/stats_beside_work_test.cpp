// Statistics that one thread reads while others work: what each figure says is
// approximate then, but reading it is no fault. ThreadSanitizer is the judge.
#include <atomic>
#include <connarena/arena.hpp>
#include <random>
#include <thread>
#include <vector>

#include "harness/arenas.hpp"
#include "harness/random_seed.hpp"

namespace {

constexpr int rounds = 300;
constexpr int operations = 400;

/// Blocks of all sizes, that come and go, and enough of them to be swept and returned.
template <typename Arena>
void work(Arena& arena, std::mt19937_64& random) {
  struct block {
    void* at;
    std::size_t bytes;
  };
  std::vector<block> blocks;
  for (int i = 0; i < operations; ++i) {
    const std::size_t bytes = random() % 4 == 0 ? random() % 100000 : random() % 2000;
    if (void* const at = arena.allocate(bytes)) blocks.push_back({at, bytes});
    if (random() % 3 != 0 || blocks.empty()) continue;
    std::swap(blocks[random() % blocks.size()], blocks.back());
    arena.deallocate(blocks.back().at, blocks.back().bytes);
    blocks.pop_back();
  }
  for (const block& each : blocks) arena.deallocate(each.at, each.bytes);
}

/// One after the other of a thread's own.
template <typename Arena>
void work_in_arenas(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (int round = 0; round < rounds; ++round) {
    Arena arena;
    work(arena, random);
  }
}

/// All threads in one arena.
void work_together(harness::c_arena& shared, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (int round = 0; round < rounds; ++round) work(shared, random);
}

TEST(stats, of_process_and_arenas_are_readable_beside_work) {
  const std::uint64_t seed = harness::random_seed();
  const connarena::process_stats before = connarena::process();
  {
    harness::c_arena shared;
    std::atomic<int> working{5};
    std::vector<std::thread> threads;
    const auto start = [&](auto body) {
      threads.emplace_back([&working, body] {
        body();
        --working;
      });
    };
    start([&] { work_in_arenas<harness::one_thread_arena>(seed); });
    start([&] { work_in_arenas<harness::any_thread_arena>(seed + 1); });
    start([&] { work_in_arenas<harness::c_arena>(seed + 2); });
    start([&] { work_together(shared, seed + 3); });
    start([&] { work_together(shared, seed + 4); });
    while (working > 0) {
      EXPECT_GE(connarena::process().reserved_bytes, before.reserved_bytes);
      const connarena_stats now = shared.stats();
      EXPECT_GE(now.peak_bytes, now.footprint_bytes);
    }
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(shared.stats().live_bytes, 0u);
  }
  EXPECT_EQ(connarena::process().live_bytes, before.live_bytes);
  EXPECT_EQ(connarena::process().arenas_open, before.arenas_open);
}

}  // namespace
