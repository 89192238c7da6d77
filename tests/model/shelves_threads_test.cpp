// Threads whose connections come and go in bursts of different lengths: what lies on their
// shelves is linked, counted and nobody's.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "arena/check_all.hpp"
#include "harness/pattern.hpp"

namespace {

constexpr std::size_t kib = 1024;

/// A connection takes some blocks, sees that they are its own, and ends.
bool burst(std::size_t blocks, std::size_t block_bytes) {
  const connarena_t arena = connarena_create(nullptr);
  std::vector<unsigned char*> all(blocks);
  for (std::size_t i = 0; i < blocks; ++i) {
    all[i] = static_cast<unsigned char*>(connarena_malloc(arena, block_bytes));
    harness::write_pattern(all[i], block_bytes, i);
  }
  bool are_whole = true;
  for (std::size_t i = 0; i < blocks; ++i) {
    are_whole = are_whole && harness::holds_pattern(all[i], block_bytes, block_bytes, i);
    if (i % 3 == 0) connarena_free(all[i]);
  }
  connarena_destroy(arena);
  return are_whole;
}

TEST(shelves_of_threads, hold_bursts_of_different_lengths) {
  constexpr std::size_t thread_count = 6;
  std::vector<std::thread> threads;
  std::vector<int> faults(thread_count);
  for (std::size_t index = 0; index < thread_count; ++index) {
    threads.emplace_back([index, &faults] {
      for (std::size_t round = 0; round < 12; ++round) {
        if (!burst(120, (8 + (index + round) % 5 * 4) * kib)) ++faults[index];
        if (round % 5 == 4) static_cast<void>(connarena_trim());
      }
      connarena::check_all(connarena::others::work);
    });
  }
  for (std::thread& each : threads) each.join();
  connarena::check_all(connarena::others::are_still);
  EXPECT_EQ(faults, std::vector<int>(thread_count));
}

}  // namespace
