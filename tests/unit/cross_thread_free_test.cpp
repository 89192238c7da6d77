// Any thread may free any block of a synchronized_arena and of the C API.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "harness/mailbox.hpp"
#include "harness/pattern.hpp"
#include "harness/resident_memory.hpp"

namespace {

struct block {
  void* at;
  std::size_t bytes;
};

std::size_t size_of(unsigned i) {
  constexpr std::size_t sizes[] = {16, 40, 64, 200, 512, 1500, 3000, 5000, 20000};
  return sizes[i % std::size(sizes)];
}

TEST(cross_thread_free, of_every_block_returns_all_memory) {
  connarena::synchronized_arena arena;
  std::vector<block> blocks;
  for (unsigned i = 0; i < 5000; ++i) blocks.push_back({arena.allocate(size_of(i)), size_of(i)});
  std::thread other([&] {
    for (const block& each : blocks) arena.deallocate(each.at, each.bytes);
  });
  other.join();
  arena.deallocate(arena.allocate(16), 16);
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

TEST(cross_thread_free, by_consumer_does_not_grow_the_producers_arena) {
  connarena::synchronized_arena arena;
  harness::mailbox<block> sent;
  constexpr unsigned count = 20000;
  constexpr unsigned most_in_flight = 200;
  std::atomic<unsigned> freed{0};
  std::thread consumer([&] {
    block item{};
    while (freed.load() < count) {
      if (sent.take(item)) {
        arena.deallocate(item.at, item.bytes);
        ++freed;
      } else {
        std::this_thread::yield();
      }
    }
  });
  for (unsigned i = 0; i < count; ++i) {
    while (i - freed.load() > most_in_flight) std::this_thread::yield();
    sent.put({arena.allocate(size_of(i)), size_of(i)});
  }
  consumer.join();
  arena.deallocate(arena.allocate(16), 16);
  EXPECT_EQ(arena.stats().live_bytes, 0u);
  EXPECT_LE(arena.stats().peak_bytes, 16 * harness::mib);
}

TEST(cross_thread_free, four_threads_share_one_arena) {
  const connarena_t arena = connarena_create(nullptr);
  harness::mailbox<block> exchanged;
  std::atomic<int> damaged{0};
  const auto work = [&](unsigned seed) {
    for (unsigned i = 0; i < 20000; ++i) {
      const std::size_t bytes = size_of(i * 7 + seed);
      void* at = connarena_malloc(arena, bytes);
      harness::write_pattern(at, bytes, bytes);
      exchanged.put({at, bytes});
      block item{};
      if (i % 3 != 0 && exchanged.take(item)) {
        if (!harness::holds_pattern(item.at, item.bytes, item.bytes)) ++damaged;
        connarena_free(item.at);
      }
      if (i % 1000 == 0) {
        while (exchanged.take(item)) connarena_free(item.at);
      }
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i) threads.emplace_back(work, i);
  for (std::thread& each : threads) each.join();
  block item{};
  while (exchanged.take(item)) connarena_free(item.at);
  EXPECT_EQ(damaged.load(), 0);
  EXPECT_EQ(connarena_destroy(arena), 0);
}

TEST(cross_thread_free, races_with_close) {
  for (int round = 0; round < 300; ++round) {
    const connarena_t arena = connarena_create(nullptr);
    std::vector<void*> blocks;
    for (unsigned i = 0; i < 100; ++i) blocks.push_back(connarena_malloc(arena, size_of(i)));
    std::thread other([&blocks] {
      for (void* at : blocks) connarena_free(at);
    });
    EXPECT_EQ(connarena_close(arena), 0);
    other.join();
  }
}

/// An arena whose small blocks lie between survivors of one that has closed.
struct arena_among_survivors {
  arena_among_survivors() {
    const connarena_t closed = connarena_create(nullptr);
    for (unsigned i = 0; i < 60; ++i) {
      void* const gap = connarena_malloc(closed, 700);
      survivors.push_back(connarena_malloc(closed, 16 + i * 16));
      connarena_free(gap);
    }
    connarena_close(closed);
  }
  void fill() const {
    for (unsigned i = 0; i < 60; ++i) connarena_malloc(arena, 500);
  }

  std::vector<void*> survivors;
  connarena_t arena = connarena_create(nullptr);
};

/// One thread frees survivors in the pages of an arena that another destroys; the
/// arena's owner is the one or the other.
void free_survivors_during_destroy(bool destroyer_is_owner) {
  connarena_free(connarena_malloc(connarena_create(nullptr), 1));
  const std::size_t live_bytes = connarena::process().live_bytes;
  for (int round = 0; round < 500; ++round) {
    const arena_among_survivors its;
    std::atomic<bool> is_filled{false};
    if (destroyer_is_owner) its.fill();
    std::thread other([&] {
      if (!destroyer_is_owner) its.fill();
      is_filled.store(true);
      for (void* survivor : its.survivors) connarena_free(survivor);
    });
    while (!is_filled.load()) std::this_thread::yield();
    EXPECT_EQ(connarena_destroy(its.arena), 0);
    other.join();
    ASSERT_EQ(connarena::process().live_bytes, live_bytes) << "round " << round;
  }
}

TEST(cross_thread_free, of_survivors_races_with_destroy_by_the_owner) {
  free_survivors_during_destroy(true);
}

TEST(cross_thread_free, of_survivors_by_the_owner_races_with_destroy) {
  free_survivors_during_destroy(false);
}

TEST(cross_thread_free, arena_moves_from_thread_to_thread) {
  connarena::synchronized_arena arena;
  std::vector<block> blocks;
  for (int turn = 0; turn < 50; ++turn) {
    std::thread next([&] {
      for (unsigned i = 0; i < 200; ++i) {
        blocks.push_back({arena.allocate(size_of(i)), size_of(i)});
        if (i % 2 == 1) {
          const block old = blocks[blocks.size() / 2];
          blocks[blocks.size() / 2] = blocks.back();
          blocks.pop_back();
          arena.deallocate(old.at, old.bytes);
        }
      }
    });
    next.join();
  }
  for (const block& each : blocks) arena.deallocate(each.at, each.bytes);
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

}  // namespace
