// A limit changes while the arena lives: from none to some, up, down, and to none again.
#include <connarena/connarena.h>

#include <atomic>
#include <cerrno>
#include <random>
#include <thread>
#include <vector>

#include "harness/arenas.hpp"
#include "harness/random_seed.hpp"

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

template <typename Arena>
class limit_change : public ::testing::Test {
 protected:
  /// Blocks until one is refused, or so many bytes are there.
  std::size_t fill(std::size_t bytes, std::size_t most) {
    std::size_t taken = 0;
    for (; taken + bytes <= most; taken += bytes) {
      void* const block = arena_.allocate(bytes);
      if (block == nullptr) break;
      blocks_.push_back({block, bytes});
    }
    return taken;
  }
  void free_all() {
    for (const auto& [block, bytes] : blocks_) arena_.deallocate(block, bytes);
    blocks_.clear();
  }

  Arena arena_;
  std::vector<std::pair<void*, std::size_t>> blocks_;
};
TYPED_TEST_SUITE(limit_change, harness::all_arenas);

TYPED_TEST(limit_change, bounds_an_arena_that_had_none) {
  for (const std::size_t bytes : {std::size_t{100}, 3 * kib, 40 * kib}) {
    ASSERT_EQ(this->fill(bytes, mib / 2) / bytes, mib / 2 / bytes);
  }
  this->arena_.set_limit(2 * mib);
  const std::size_t held = this->arena_.stats().footprint_bytes;
  EXPECT_GE(held, 3 * mib / 2 - 3 * 40 * kib);
  const std::size_t taken = this->fill(20 * kib, 4 * mib);
  EXPECT_LE(held + taken, 2 * mib);
  EXPECT_GE(held + taken, 2 * mib - 128 * kib);
  EXPECT_LE(this->arena_.stats().footprint_bytes, 2 * mib);
  this->free_all();
  EXPECT_GE(this->fill(100, 4 * mib), 3 * mib / 2) << "all of it is there again";
  EXPECT_LE(this->arena_.stats().footprint_bytes, 2 * mib);
}

TYPED_TEST(limit_change, below_what_is_held_takes_nothing_away) {
  const std::size_t before = this->fill(10 * kib, mib);
  this->arena_.set_limit(256 * kib);
  EXPECT_EQ(this->arena_.allocate(10 * kib), nullptr);
  for (const auto& [block, bytes] : this->blocks_) static_cast<char*>(block)[bytes - 1] = 'x';
  EXPECT_GE(this->arena_.stats().footprint_bytes, before);
  this->free_all();
  const std::size_t after = this->fill(10 * kib, mib);
  EXPECT_GT(after, 200 * kib);
  EXPECT_LE(after, 256 * kib);
}

TYPED_TEST(limit_change, upwards_and_to_none_gives_room) {
  this->arena_.set_limit(100 * kib);
  EXPECT_LE(this->fill(kib, mib), 100 * kib);
  this->arena_.set_limit(500 * kib);
  EXPECT_GE(this->fill(kib, mib), 300 * kib);
  this->arena_.set_limit(0);
  EXPECT_EQ(this->fill(kib, mib), mib);
}

TYPED_TEST(limit_change, is_forgotten_with_the_arena) {
  {
    TypeParam limited;
    limited.set_limit(64 * kib);
    ASSERT_NE(limited.allocate(kib), nullptr);
  }
  for (int round = 0; round < 20; ++round) {
    TypeParam fresh;
    ASSERT_NE(fresh.allocate(10 * mib), nullptr);
    ASSERT_NE(fresh.allocate(kib), nullptr);
  }
}

// What an arena is charged is what it holds, whatever happens to it, and is given back to it.
TYPED_TEST(limit_change, at_any_moment_keeps_the_account_right) {
  std::mt19937 random(harness::random_seed());
  const auto below = [&](std::size_t bound) { return random() % bound; };
  constexpr std::size_t sizes[] = {16, 200, 2000, 5000, 33 * kib, 200 * kib};
  std::size_t limit = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (below(500) == 0) {
      limit = below(4) == 0 ? 0 : 100 * kib + below(2 * mib);
      this->arena_.set_limit(limit);
    }
    if (below(3) != 0 || this->blocks_.empty()) {
      const std::size_t bytes = sizes[below(std::size(sizes))] + below(16);
      const std::size_t held = this->arena_.stats().footprint_bytes;
      void* const block = this->blocks_.size() < 2000 ? this->arena_.allocate(bytes) : nullptr;
      if (block != nullptr) this->blocks_.push_back({block, bytes});
      const std::size_t now = this->arena_.stats().footprint_bytes;
      ASSERT_TRUE(limit == 0 || now <= std::max(limit, held)) << now << " of " << limit;
      ASSERT_GE(now, this->arena_.stats().live_bytes);
    } else {
      std::swap(this->blocks_[below(this->blocks_.size())], this->blocks_.back());
      this->arena_.deallocate(this->blocks_.back().first, this->blocks_.back().second);
      this->blocks_.pop_back();
    }
  }
  this->free_all();
  this->arena_.set_limit(mib);
  EXPECT_GE(this->fill(50 * kib, 2 * mib), mib - 2 * 50 * kib) << "nothing is charged for good";
}

TEST(limit_change, of_an_arena_that_has_ended_is_stale) {
  const connarena_t arena = connarena_create(nullptr);
  connarena_close(arena);
  errno = 0;
  EXPECT_EQ(connarena_set_limit(arena, mib), -1);
  EXPECT_EQ(errno, ESTALE);
}

// Threads that are in the middle of taking and giving back when the limit comes.
TEST(limit_change, beside_threads_at_work_charges_each_block_once) {
  for (int round = 0; round < 30; ++round) {
    const connarena_t arena = connarena_create(nullptr);
    std::atomic<bool> is_over{false};
    std::vector<std::thread> threads;
    for (unsigned number = 0; number < 3; ++number) {
      threads.emplace_back([&, number] {
        std::mt19937 random(number);
        void* blocks[16] = {};
        while (!is_over) {
          void*& block = blocks[random() % std::size(blocks)];
          const std::size_t bytes = random() % 3 == 0 ? 500 : 5000 + random() % (200 * kib);
          void* const next = random() % 4 == 0 ? connarena_malloc(arena, bytes)
                                               : connarena_realloc(arena, block, bytes);
          if (next == nullptr) continue;
          if (next != block && random() % 4 == 0) connarena_free(nullptr);
          block = next;
        }
      });
    }
    for (int change = 0; change < 20; ++change) {
      EXPECT_EQ(connarena_set_limit(arena, change % 3 == 0 ? 0 : 20 * mib), 0);
      std::this_thread::yield();
    }
    is_over = true;
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(connarena_release(arena), 0);
    EXPECT_EQ(connarena_set_limit(arena, mib), 0);
    std::size_t taken = 0;
    while (connarena_malloc(arena, 50 * kib) != nullptr) taken += 50 * kib;
    EXPECT_GE(taken, mib - 2 * 50 * kib);
    EXPECT_LE(taken, mib);
    connarena_destroy(arena);
  }
}

}  // namespace
