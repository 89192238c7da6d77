// The arithmetic of limits of all watched arenas: whatever happens to them, what is held is the
// sum of what those are charged that count, and who passes a limit is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "api/core.hpp"
#include "harness/random_seed.hpp"

namespace {

namespace core = connarena::core;

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

std::atomic<int> told{0};

class watched_arenas : public ::testing::Test {
 protected:
  ~watched_arenas() override {
    for (const arena& each : arenas_) core::destroy_arena(each.handle);
    core::set_watch_limits({SIZE_MAX, SIZE_MAX, false}, nullptr);
    EXPECT_EQ(core::watched_bytes(), 0u);
  }

  struct arena {
    core::handle handle;
    bool counts;
    std::vector<void*> blocks;
  };

  static void limit(std::size_t one, std::size_t all, bool refuses = false) {
    told = 0;
    core::set_watch_limits({one, all, refuses}, [](core::handle) noexcept { told.fetch_add(1); });
  }
  arena& open(bool is_exempt = false) {
    const core::handle opened = core::open_arena(SIZE_MAX, "watched");
    EXPECT_NE(opened, 0u);
    EXPECT_TRUE(core::watch_arena(opened, is_exempt));
    arenas_.push_back({opened, true, {}});
    return arenas_.back();
  }
  static void* take(arena& from, std::size_t bytes) {
    void* const block = core::allocate(from.handle, bytes, 16);
    if (block != nullptr) from.blocks.push_back(block);
    return block;
  }
  void expect_sum() const {
    std::size_t sum = 0;
    for (const arena& each : arenas_) sum += each.counts ? core::footprint(each.handle) : 0;
    ASSERT_EQ(core::watched_bytes(), sum);
  }

  std::vector<arena> arenas_;
};

TEST_F(watched_arenas, hold_the_sum_of_those_that_count_at_any_moment) {
  std::mt19937 random(harness::random_seed());
  const auto below = [&](std::size_t bound) { return random() % bound; };
  constexpr std::size_t sizes[] = {16, 300, 3000, 5000, 40 * kib, 300 * kib};
  limit(SIZE_MAX, SIZE_MAX);
  for (int step = 0; step < 20'000; ++step) {
    if (arenas_.size() < 5 || (arenas_.size() < 40 && below(50) == 0)) open(below(4) == 0);
    const std::size_t index = below(arenas_.size());
    arena& at = arenas_[index];
    switch (below(12)) {
      case 0:
        if (below(20) == 0) {
          core::excuse_arena(at.handle);
          at.counts = false;
        }
        break;
      case 1:
        if (below(10) != 0) break;
        below(2) == 0 ? core::destroy_arena(at.handle) : core::drain_arena(at.handle, nullptr);
        arenas_.erase(arenas_.begin() + static_cast<std::ptrdiff_t>(index));
        break;
      case 2:
      case 3:
      case 4:
      case 5:
        if (at.blocks.empty()) break;
        std::swap(at.blocks[below(at.blocks.size())], at.blocks.back());
        core::deallocate(at.blocks.back());
        at.blocks.pop_back();
        break;
      case 6:
        if (at.blocks.empty()) break;
        at.blocks.back() = core::reallocate(at.handle, at.blocks.back(), 1 + below(500 * kib));
        break;
      default:
        if (at.blocks.size() < 200) take(at, sizes[below(std::size(sizes))] + below(16));
    }
    expect_sum();
    if (HasFatalFailure()) return;
  }
}

TEST_F(watched_arenas, tell_who_passes_what_one_may_hold) {
  limit(mib, SIZE_MAX);
  arena at = open();
  for (int i = 0; i < 9; ++i) take(at, 100 * kib);
  EXPECT_EQ(told, 0);
  EXPECT_FALSE(core::is_above_limit(at.handle));
  take(at, 200 * kib);
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(core::is_above_limit(at.handle));
  core::excuse_arena(at.handle);
  take(at, 200 * kib);
  EXPECT_EQ(told, 1) << "it is on its way out";
  arena exempt = open(true);
  take(exempt, 4 * mib);
  EXPECT_EQ(told, 1);
}

TEST_F(watched_arenas, tell_who_passes_what_all_may_hold) {
  limit(SIZE_MAX, mib);
  arena one = open();
  arena other = open(true);
  take(one, 600 * kib);
  EXPECT_EQ(told, 0);
  take(other, 600 * kib);
  EXPECT_EQ(told, 1) << "one that is exempt counts";
  core::deallocate(other.blocks.back());
  take(one, 100 * kib);
  EXPECT_EQ(told, 1);
}

TEST_F(watched_arenas, refuse_where_that_is_wanted) {
  limit(mib, SIZE_MAX, true);
  arena at = open();
  arena exempt = open(true);
  std::size_t taken = 0;
  while (take(at, 10 * kib) != nullptr) taken += 10 * kib;
  EXPECT_EQ(errno, EDQUOT);
  EXPECT_LE(taken, mib);
  EXPECT_GE(taken, mib - 30 * kib);
  EXPECT_NE(take(exempt, 4 * mib), nullptr);
  EXPECT_EQ(told, 0);
  limit(2 * mib, SIZE_MAX, true);
  EXPECT_NE(take(at, 10 * kib), nullptr);
  limit(SIZE_MAX, SIZE_MAX, true);
  EXPECT_NE(take(at, 10 * mib), nullptr);
}

TEST_F(watched_arenas, are_charged_for_runs_that_are_adopted) {
  limit(mib, SIZE_MAX, true);
  arena at = open();
  void* const run = core::allocate_unowned(4 * mib, 16);
  core::adopt_by_io(at.handle, run, 4 * mib);
  EXPECT_EQ(core::owner_of(run), at.handle);
  EXPECT_GE(core::watched_bytes(), 4 * mib);
  EXPECT_EQ(told, 1) << "what it has already is not refused";
  EXPECT_EQ(take(at, 10 * kib), nullptr);
  core::deallocate(run);
  EXPECT_NE(take(at, 10 * kib), nullptr);
}

TEST_F(watched_arenas, hold_nothing_when_threads_have_ended_theirs) {
  limit(SIZE_MAX, SIZE_MAX);
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < 4; ++number) {
    threads.emplace_back([number] {
      std::mt19937 random(number);
      for (int round = 0; round < 200; ++round) {
        const core::handle at = core::open_arena(SIZE_MAX, "watched");
        core::watch_arena(at, false);
        void* kept = nullptr;
        for (int i = 0; i < 20; ++i) {
          void* const block = core::allocate(at, 1 + random() % (60 * kib), 16);
          if (i % 3 == 0) core::deallocate(block);
          if (i == 10) kept = core::reallocate(at, core::allocate(at, 5000, 16), 90'000);
        }
        if (round % 3 == 0) core::excuse_arena(at);
        core::drain_arena(at, nullptr);
        core::deallocate(kept);
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(core::watched_bytes(), 0u);
}

}  // namespace
