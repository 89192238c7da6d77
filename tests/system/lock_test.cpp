// The core's locks.
#include "os/lock.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>
#include <vector>

#include "harness/child_process.hpp"
#include "os/brief_lock.hpp"

namespace {

using connarena::lock_rank;

template <typename Lock>
void expect_one_at_a_time() {
  Lock guarding;
  int count = 0;
  constexpr int increments = 50000;
  constexpr int threads = 4;
  std::vector<std::thread> working;
  for (int i = 0; i < threads; ++i) {
    working.emplace_back([&] {
      for (int turn = 0; turn < increments; ++turn) {
        const connarena::lock_guard hold(guarding, lock_rank::own_arena);
        ++count;
      }
    });
  }
  for (std::thread& each : working) each.join();
  EXPECT_EQ(count, threads * increments);
}

TEST(lock, lets_one_thread_in_at_a_time) { expect_one_at_a_time<connarena::lock>(); }

TEST(lock, held_by_a_vanished_thread_is_free_after_reset) {
  const harness::outcome result = harness::run_forked([] {
    connarena::lock held;
    held.acquire(lock_rank::own_arena);
    held.reset(lock_rank::own_arena);
    held.acquire(lock_rank::own_arena);
    held.release(lock_rank::own_arena);
    return 0;
  });
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

TEST(brief_lock, that_is_asked_for_is_not_free_until_it_was_taken) {
  connarena::brief_lock asked;
  EXPECT_TRUE(asked.is_free());
  EXPECT_TRUE(asked.ask());
  EXPECT_FALSE(asked.is_free());
  EXPECT_FALSE(asked.ask());
  { const connarena::lock_guard hold(asked, lock_rank::own_arena); }
  EXPECT_TRUE(asked.is_free());
  asked.acquire(lock_rank::own_arena);
  EXPECT_TRUE(asked.ask());
  asked.release(lock_rank::own_arena);
  EXPECT_TRUE(asked.is_free());
}

TEST(brief_lock, lets_one_thread_in_at_a_time) { expect_one_at_a_time<connarena::brief_lock>(); }

TEST(brief_lock, is_not_taken_by_a_try_while_it_is_held_or_asked_for) {
  connarena::brief_lock one;
  ASSERT_TRUE(one.try_acquire(lock_rank::lane));
  EXPECT_TRUE(one.is_held());
  EXPECT_FALSE(one.try_acquire(lock_rank::lane));
  one.release(lock_rank::lane);
  ASSERT_TRUE(one.ask());
  EXPECT_FALSE(one.try_acquire(lock_rank::lane));
  EXPECT_FALSE(one.is_held());
}

int take(lock_rank first, lock_rank second) {
  connarena::lock one;
  connarena::lock other;
  const connarena::lock_guard outer(one, first);
  const connarena::lock_guard inner(other, second);
  return 0;
}

TEST(lock, taken_in_rising_rank_is_taken) {
  EXPECT_EQ(take(lock_rank::lane, lock_rank::second_lane), 0);
  EXPECT_EQ(take(lock_rank::page_heap, lock_rank::reservation), 0);
  // What was given back no longer counts.
  EXPECT_EQ(take(lock_rank::own_arena, lock_rank::lane), 0);
}

void expect_out_of_rank(const harness::outcome& result) {
  if constexpr (connarena::checks_invariants) {
    EXPECT_EQ(result.signal, SIGABRT) << harness::describe(result);
    EXPECT_EQ(result.errors, "connarena: internal error: lock out of rank\n");
  } else {
    EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
  }
}

TEST(lock, of_a_lower_rank_than_one_that_is_held_ends_the_process_where_checked) {
  expect_out_of_rank(
      harness::run_forked([] { return take(lock_rank::threads, lock_rank::donations); }));
}

TEST(lock, of_the_rank_of_one_that_is_held_ends_the_process_where_checked) {
  expect_out_of_rank(harness::run_forked([] { return take(lock_rank::lane, lock_rank::lane); }));
}

}  // namespace
