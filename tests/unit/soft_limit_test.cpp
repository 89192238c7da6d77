// A soft limit refuses nothing; it calls back once each time it is passed.
#include <connarena/connarena.h>

#include <atomic>
#include <cerrno>
#include <csetjmp>
#include <csignal>
#include <thread>
#include <vector>

#include "harness/arenas.hpp"

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

struct calls {
  std::atomic<int> count{0};
  std::atomic<std::size_t> bytes{0};

  static void note(void* context, connarena_t, std::size_t footprint_bytes) {
    auto& its = *static_cast<calls*>(context);
    its.count.fetch_add(1);
    its.bytes.store(footprint_bytes);
    errno = EINVAL;  // is nobody's affair
  }
};

template <typename Arena>
class soft_limit : public ::testing::Test {};
TYPED_TEST_SUITE(soft_limit, harness::all_arenas);

template <typename Arena>
std::vector<void*> take(Arena& arena, std::size_t bytes, std::size_t in_all) {
  std::vector<void*> blocks;
  for (std::size_t taken = 0; taken < in_all; taken += bytes) {
    errno = 0;
    blocks.push_back(arena.allocate(bytes));
    EXPECT_NE(blocks.back(), nullptr);
    EXPECT_EQ(errno, 0);
  }
  return blocks;
}

template <typename Arena>
void give(Arena& arena, const std::vector<void*>& blocks, std::size_t bytes) {
  for (void* const each : blocks) arena.deallocate(each, bytes);
}

TYPED_TEST(soft_limit, calls_once_each_time_it_is_passed) {
  for (const std::size_t bytes : {5 * kib, 30 * kib, 300 * kib}) {
    TypeParam arena;
    calls seen;
    arena.set_soft_limit(mib, calls::note, &seen);
    for (int round = 1; round <= 3; ++round) {
      const auto low = take(arena, bytes, mib / 2);
      EXPECT_EQ(seen.count, round - 1);
      const auto high = take(arena, bytes, 2 * mib);
      EXPECT_EQ(seen.count, round) << bytes;
      EXPECT_GT(seen.bytes, mib);
      EXPECT_LE(seen.bytes, mib + 2 * bytes);
      give(arena, low, bytes);
      give(arena, high, bytes);
    }
  }
}

TYPED_TEST(soft_limit, is_passed_by_small_blocks_too) {
  for (const std::size_t bytes : {std::size_t{16}, std::size_t{400}, 3 * kib}) {
    TypeParam arena;
    calls seen;
    arena.set_soft_limit(mib, calls::note, &seen);
    take(arena, bytes, mib * 3 / 4);
    EXPECT_EQ(seen.count, 0) << bytes;
    take(arena, bytes, mib / 2);
    EXPECT_EQ(seen.count, 1) << bytes;
  }
}

TYPED_TEST(soft_limit, that_is_passed_already_calls_at_once) {
  TypeParam arena;
  take(arena, 10 * kib, mib);
  calls seen;
  arena.set_soft_limit(mib / 2, calls::note, &seen);
  EXPECT_EQ(seen.count, 1);
  take(arena, 10 * kib, mib);
  EXPECT_EQ(seen.count, 1);
  arena.set_soft_limit(4 * mib, calls::note, &seen);
  EXPECT_EQ(seen.count, 1);
  take(arena, 10 * kib, 4 * mib);
  EXPECT_EQ(seen.count, 2);
  arena.set_soft_limit(1, nullptr, nullptr);
  take(arena, 10 * kib, mib);
  EXPECT_EQ(seen.count, 2);
}

TYPED_TEST(soft_limit, lies_below_the_limit) {
  TypeParam arena(mib);
  calls seen;
  arena.set_soft_limit(mib / 2, calls::note, &seen);
  while (arena.allocate(20 * kib) != nullptr) {
  }
  EXPECT_EQ(seen.count, 1);
  EXPECT_LE(seen.bytes, mib);
}

/// Allocates from the arena that it is called for, and gives some back: no lock is held.
struct user_of_arena {
  harness::c_arena* arena;
  int calls = 0;
  std::vector<void*> cache;

  static void make_room(void* context, connarena_t handle, std::size_t) {
    auto& its = *static_cast<user_of_arena*>(context);
    ++its.calls;
    EXPECT_EQ(handle, its.arena->handle());
    its.arena->deallocate(its.arena->allocate(100), 100);
    its.arena->deallocate(its.arena->allocate(100 * kib), 100 * kib);
    connarena_stats stats{};
    EXPECT_EQ(connarena_get_stats(handle, &stats), 0);
    EXPECT_EQ(connarena_set_limit(handle, 8 * mib), 0);
    for (void* const each : its.cache) connarena_free(each);
    its.cache.clear();
  }
};

TEST(soft_limit, callback_may_use_the_arena) {
  harness::c_arena arena;
  user_of_arena user{&arena, 0, {}};
  arena.set_soft_limit(mib, user_of_arena::make_room, &user);
  for (int i = 0; i < 1000; ++i) user.cache.push_back(arena.allocate(10 * kib));
  EXPECT_GE(user.calls, 8);
  EXPECT_LE(user.calls, 10);
}

TEST(soft_limit, is_passed_by_a_block_that_grows) {
  harness::c_arena arena;
  calls seen;
  arena.set_soft_limit(mib, calls::note, &seen);
  void* block = nullptr;
  for (std::size_t bytes = 10 * kib; bytes <= 4 * mib; bytes += 10 * kib) {
    block = connarena_realloc(arena.handle(), block, bytes);
    ASSERT_NE(block, nullptr);
    // A block that moves is there twice for a moment.
    if (bytes <= mib / 2 - 20 * kib) {
      ASSERT_EQ(seen.count, 0) << bytes;
    }
    if (bytes > mib) {
      ASSERT_GE(seen.count, 1) << bytes;
    }
  }
}

TEST(soft_limit, of_an_arena_that_has_ended_is_stale) {
  const connarena_t arena = connarena_create(nullptr);
  connarena_destroy(arena);
  errno = 0;
  EXPECT_EQ(connarena_set_soft_limit(arena, mib, calls::note, nullptr), -1);
  EXPECT_EQ(errno, ESTALE);
  // Nor has it one that comes after.
  calls seen;
  const connarena_t next = connarena_create(nullptr);
  EXPECT_EQ(connarena_set_soft_limit(next, mib, calls::note, &seen), 0);
  connarena_destroy(next);
  const connarena_t third = connarena_create(nullptr);
  connarena_free(connarena_malloc(third, 4 * mib));
  EXPECT_EQ(seen.count, 0);
  connarena_destroy(third);
}

sigjmp_buf callback_start;

/// As a program does that gives what it waits for some time.
void be_interrupted(void* was_left, connarena_t, std::size_t) {
  if (sigsetjmp(callback_start, 1) != 0) {
    *static_cast<bool*>(was_left) = true;
    return;
  }
  std::signal(SIGUSR1, [](int) { siglongjmp(callback_start, 1); });
  std::raise(SIGUSR1);
}

TEST(soft_limit, calls_what_a_signal_handler_may_jump_out_of) {
  harness::c_arena arena;
  bool was_left = false;
  arena.set_soft_limit(mib, be_interrupted, &was_left);
  EXPECT_NE(arena.allocate(2 * mib), nullptr);
  EXPECT_TRUE(was_left);
}

TEST(soft_limit, passed_by_several_threads_calls_one_of_them) {
  for (int round = 0; round < 50; ++round) {
    harness::c_arena arena;
    calls seen;
    arena.set_soft_limit(mib, calls::note, &seen);
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; ++number) {
      threads.emplace_back([&] { take(arena, 20 * kib, mib); });
    }
    for (std::thread& each : threads) each.join();
    ASSERT_EQ(seen.count, 1);
  }
}

}  // namespace
