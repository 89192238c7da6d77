// The core's lock.
#include "os/lock.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "harness/child_process.hpp"

namespace {

TEST(lock, lets_one_thread_in_at_a_time) {
  connarena::lock guarding;
  int count = 0;
  constexpr int increments = 50000;
  constexpr int threads = 4;
  std::vector<std::thread> working;
  for (int i = 0; i < threads; ++i) {
    working.emplace_back([&] {
      for (int turn = 0; turn < increments; ++turn) {
        const connarena::lock_guard hold(guarding);
        ++count;
      }
    });
  }
  for (std::thread& each : working) each.join();
  EXPECT_EQ(count, threads * increments);
}

TEST(lock, held_by_a_vanished_thread_is_free_after_reset) {
  const harness::outcome result = harness::run_forked([] {
    connarena::lock held;
    held.acquire();
    held.reset();
    held.acquire();
    held.release();
    return 0;
  });
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

TEST(lock, that_is_asked_for_is_not_free_until_it_was_taken) {
  connarena::lock asked;
  EXPECT_TRUE(asked.is_free());
  EXPECT_TRUE(asked.ask());
  EXPECT_FALSE(asked.is_free());
  EXPECT_FALSE(asked.ask());
  { const connarena::lock_guard hold(asked); }
  EXPECT_TRUE(asked.is_free());
  asked.acquire();
  EXPECT_TRUE(asked.ask());
  asked.release();
  EXPECT_TRUE(asked.is_free());
}

}  // namespace
