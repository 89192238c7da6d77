// A limit means the same whatever other arenas left behind, and whatever the threads of
// an arena do at once: never above it, and no refusal while much of it is left.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;
constexpr std::size_t limit_bytes = mib;

class limited {
 public:
  explicit limited(std::size_t bytes = limit_bytes) {
    const connarena_options options{bytes, "limited"};
    handle_ = connarena_create(&options);
  }
  limited(const limited&) = delete;
  limited& operator=(const limited&) = delete;
  ~limited() { connarena_destroy(handle_); }

  operator connarena_t() const { return handle_; }
  [[nodiscard]] connarena_stats stats() const {
    connarena_stats counters{};
    EXPECT_EQ(connarena_get_stats(handle_, &counters), 0);
    return counters;
  }

 private:
  connarena_t handle_;
};

/// Takes blocks until none is left. Gives how many.
std::size_t fill(connarena_t arena, std::size_t bytes) {
  std::size_t blocks = 0;
  while (connarena_malloc(arena, bytes) != nullptr) ++blocks;
  return blocks;
}

std::size_t blocks_that_fit(std::size_t bytes) {
  const limited arena;
  return fill(arena, bytes);
}

/// What closed connections leave: a few blocks among many, some to a page.
std::vector<void*> leave_survivors(int connections, std::size_t bytes) {
  std::vector<void*> left;
  for (int i = 0; i < connections; ++i) {
    const connarena_t arena = connarena_create(nullptr);
    std::vector<void*> blocks;
    for (int k = 0; k < 60; ++k) blocks.push_back(connarena_malloc(arena, bytes));
    for (std::size_t k = 0; k < blocks.size(); ++k) {
      if (k % 20 == 7) {
        left.push_back(blocks[k]);
      } else {
        connarena_free(blocks[k]);
      }
    }
    connarena_close(arena);
  }
  return left;
}

void free_all(const std::vector<void*>& blocks) {
  for (void* const each : blocks) connarena_free(each);
}

class limit_among_survivors : public ::testing::TestWithParam<std::size_t> {};

TEST_P(limit_among_survivors, is_reached_by_as_many_blocks_as_without_them) {
  const std::size_t bytes = GetParam();
  const std::size_t before = blocks_that_fit(bytes);
  for (const std::size_t of_survivors : {48u, 300u, 1500u}) {
    const std::vector<void*> left = leave_survivors(1000, of_survivors);
    const std::size_t among_them = blocks_that_fit(bytes);
    EXPECT_GE(among_them, before - before / 16) << of_survivors;
    EXPECT_LE(among_them * bytes, limit_bytes) << of_survivors;
    free_all(left);
  }
}

INSTANTIATE_TEST_SUITE_P(sizes, limit_among_survivors,
                         ::testing::Values(16, 64, 500, 1000, 2000, 5 * kib, 100 * kib));

TEST(limit_among_survivors, is_not_passed_when_they_are_freed_in_its_pages) {
  const std::vector<void*> left = leave_survivors(1000, 300);
  const limited arena;
  const std::size_t blocks = fill(arena, 64);
  free_all(left);
  EXPECT_LE((blocks + fill(arena, 64)) * 64, limit_bytes);
  EXPECT_LE(arena.stats().live_bytes, limit_bytes);
  EXPECT_LE(arena.stats().peak_bytes, limit_bytes);
}

TEST(limit_among_survivors, has_room_again_for_all_that_is_freed) {
  const std::vector<void*> left = leave_survivors(1000, 300);
  const limited arena;
  for (int round = 0; round < 5; ++round) {
    std::vector<void*> blocks;
    while (void* const block = connarena_malloc(arena, 200)) blocks.push_back(block);
    EXPECT_GE(blocks.size() * 208, limit_bytes * 7 / 8) << round;
    EXPECT_LE(arena.stats().footprint_bytes, limit_bytes);
    free_all(blocks);
  }
  free_all(left);
}

TEST(limit_among_survivors, footprint_counts_no_strangers_without_a_limit_either) {
  const std::vector<void*> left = leave_survivors(1000, 300);
  const connarena_t arena = connarena_create(nullptr);
  for (int i = 0; i < 2000; ++i) EXPECT_NE(connarena_malloc(arena, 200), nullptr);
  connarena_stats stats{};
  EXPECT_EQ(connarena_get_stats(arena, &stats), 0);
  EXPECT_GE(stats.footprint_bytes, stats.live_bytes);
  EXPECT_LE(stats.footprint_bytes, stats.live_bytes * 5 / 4 + 64 * kib);
  EXPECT_GE(stats.peak_bytes, stats.footprint_bytes);
  connarena_destroy(arena);
  free_all(left);
}

/// Runs `work(number)` in so many threads that start together.
void at_once(int threads, const std::function<void(int)>& work) {
  std::atomic<int> ready{0};
  std::vector<std::thread> all;
  for (int number = 0; number < threads; ++number) {
    all.emplace_back([&, number] {
      ready.fetch_add(1);
      while (ready.load() < threads) std::this_thread::yield();
      work(number);
    });
  }
  for (std::thread& each : all) each.join();
}

class limit_with_threads : public ::testing::TestWithParam<int> {};

TEST_P(limit_with_threads, gives_one_of_them_a_run_of_most_of_it) {
  for (int round = 0; round < 100; ++round) {
    const limited arena;
    std::atomic<int> given{0};
    at_once(GetParam(), [&](int) {
      if (connarena_malloc(arena, limit_bytes * 9 / 10) != nullptr) given.fetch_add(1);
    });
    ASSERT_EQ(given.load(), 1);
    ASSERT_LE(arena.stats().peak_bytes, limit_bytes);
  }
}

TEST_P(limit_with_threads, is_not_passed_by_blocks_of_all_sizes) {
  constexpr std::size_t sizes[] = {64, 1000, 3000, 9 * kib, 70 * kib};
  for (int round = 0; round < 10; ++round) {
    const limited arena;
    std::atomic<std::size_t> given{0};
    at_once(GetParam(), [&](int number) {
      const std::size_t bytes = sizes[static_cast<std::size_t>(number + round) % std::size(sizes)];
      given.fetch_add(fill(arena, bytes) * bytes);
    });
    ASSERT_LE(given.load(), limit_bytes);
    ASSERT_GE(given.load(), limit_bytes * 3 / 4);
    ASSERT_LE(arena.stats().footprint_bytes, limit_bytes);
    ASSERT_LE(arena.stats().peak_bytes, limit_bytes);
  }
}

TEST_P(limit_with_threads, is_not_passed_by_blocks_that_grow) {
  for (int round = 0; round < 20; ++round) {
    const limited arena;
    std::atomic<std::size_t> held{0};
    at_once(GetParam(), [&](int) {
      std::size_t bytes = 0;
      void* block = nullptr;
      while (void* const grown = connarena_realloc(arena, block, bytes + 10 * kib)) {
        block = grown;
        bytes += 10 * kib;
      }
      held.fetch_add(bytes);
    });
    ASSERT_LE(held.load(), limit_bytes);
    ASSERT_LE(arena.stats().peak_bytes, limit_bytes);
  }
}

TEST_P(limit_with_threads, refuses_nothing_while_half_of_it_is_left) {
  const limited arena;
  std::atomic<int> refused{0};
  const std::size_t share = limit_bytes / 2 / static_cast<std::size_t>(GetParam());
  at_once(GetParam(), [&](int number) {
    for (int round = 0; round < 50; ++round) {
      const std::size_t bytes = number % 2 == 0 ? 5 * kib : 100;
      std::vector<void*> blocks;
      for (std::size_t taken = 0; taken + bytes + bytes / 4 <= share; taken += bytes + bytes / 4) {
        blocks.push_back(connarena_malloc(arena, bytes));
        if (blocks.back() == nullptr) refused.fetch_add(1);
      }
      free_all(blocks);
    }
  });
  EXPECT_EQ(refused.load(), 0);
}

// One lane keeps free what another, or a run, is refused.
TEST(limit_with_threads, has_room_for_one_thread_of_what_another_freed) {
  const limited arena;
  const auto fill_and_free = [&](std::size_t bytes) {
    std::vector<void*> blocks;
    while (void* const block = connarena_malloc(arena, bytes)) blocks.push_back(block);
    EXPECT_GE(blocks.size() * bytes, limit_bytes * 3 / 4) << bytes;
    free_all(blocks);
  };
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t bytes : {64u, 3000u, 900'000u, 1000u}) {
      fill_and_free(bytes);
      std::thread(fill_and_free, bytes).join();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(threads, limit_with_threads, ::testing::Values(2, 3, 8));

}  // namespace
