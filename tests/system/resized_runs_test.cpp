// A block that shrinks as another thread ends its arena. ThreadSanitizer is the judge, too.
#include <connarena/arena.hpp>
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "arena/runs/runs.hpp"
#include "base/units.hpp"
#include "heap/region.hpp"
#include "heap/threads.hpp"

namespace {

using connarena::kib;

/// The holder of a block learns by nothing but the block that its arena has ended. Gives what
/// then counts for nobody.
std::int64_t shrink_beside_end(std::size_t from_bytes, std::size_t to_bytes) {
  const std::int64_t before = connarena::unowned_bytes();
  const connarena_t arena = connarena_create(nullptr);
  void* const block = connarena_malloc(arena, from_bytes);
  const connarena::quarter_index run = connarena::quarter_at(block);
  std::atomic<bool> is_over{false};
  std::thread holder([&is_over, run, to_bytes] {
    while (!is_over.load(std::memory_order_relaxed)) std::this_thread::yield();
    EXPECT_TRUE(connarena::resize_run(run, to_bytes));
  });
  connarena_close(arena);
  is_over.store(true, std::memory_order_relaxed);
  holder.join();
  const std::int64_t unowned = connarena::unowned_bytes() - before;
  connarena_free(block);
  EXPECT_EQ(connarena::unowned_bytes(), before);
  return unowned;
}

// The sanitizer remembers few of the reads of a word.
TEST(resized_run, whose_arena_another_thread_ends_counts_for_nobody) {
  for (int round = 0; round < 200; ++round) {
    const std::int64_t unowned = shrink_beside_end(100 * kib, 50 * kib);
    EXPECT_GE(unowned, static_cast<std::int64_t>(50 * kib));
    EXPECT_LT(unowned, static_cast<std::int64_t>(100 * kib));
  }
}

}  // namespace
