// When what threads keep of ended arenas goes back.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "api/core.hpp"
#include "harness/random_seed.hpp"
#include "heap/threads.hpp"
#include "system/fake_os.hpp"

namespace {

namespace core = connarena::core;

std::size_t retained_bytes() { return connarena::process().retained_bytes; }

/// So many connections at once, of some pages each.
void serve(std::size_t count) {
  std::vector<std::unique_ptr<connarena::synchronized_arena>> arenas;
  for (std::size_t i = 0; i < count; ++i) {
    arenas.push_back(std::make_unique<connarena::synchronized_arena>());
    for (int k = 0; k < 20; ++k) static_cast<void>(arenas.back()->allocate(500));
  }
}

void wait_for_an_epoch() {
  fake_os::setup().now_ns += 1'000'000'000;
  connarena_idle();
}

std::uint32_t kept_lanes() { return connarena::this_thread().warm.count; }

TEST(warm_lanes, leave_a_thread_with_no_more_than_it_may_keep) {
  std::minstd_rand random(static_cast<unsigned>(harness::random_seed()));
  const connarena::thread_slot& self = connarena::this_thread();
  std::vector<std::unique_ptr<connarena::synchronized_arena>> arenas;
  for (int round = 0; round < 2000; ++round) {
    arenas.resize(random() % 12);
    for (auto& arena : arenas) {
      arena = std::make_unique<connarena::synchronized_arena>();
      for (std::size_t i = random() % 450; i > 0; --i) static_cast<void>(arena->allocate(500));
    }
    while (!arenas.empty()) {
      arenas.pop_back();
      ASSERT_LE(self.cached_bytes, self.most_cached_bytes);
    }
  }
}

TEST(warm_lanes, go_by_trim) {
  serve(20);
  // Fewer than 8 where survivors of others lie in the pages.
  EXPECT_NE(kept_lanes(), 0u);
  core::trim();
  EXPECT_EQ(kept_lanes(), 0u);
  EXPECT_EQ(connarena::this_thread().cached_bytes, 0u);
}

TEST(warm_lanes, go_at_the_end_of_their_thread) {
  std::thread(serve, 20).join();
  core::trim();
  const std::size_t before = retained_bytes();
  for (int i = 0; i < 50; ++i) std::thread(serve, 20).join();
  core::trim();
  // Some slabs of places may be free that were not.
  EXPECT_LE(retained_bytes(), before + (1 << 18));
}

TEST(warm_lanes, that_are_not_wanted_for_two_epochs_go_as_the_thread_comes_by) {
  serve(8);
  EXPECT_EQ(kept_lanes(), 8u);
  for (int i = 0; i < 4; ++i) {
    serve(2);
    wait_for_an_epoch();
  }
  EXPECT_EQ(kept_lanes(), 2u);
  for (int i = 0; i < 2; ++i) wait_for_an_epoch();
  EXPECT_EQ(kept_lanes(), 0u);
}

}  // namespace
