// Handles: an index and a generation. A stale one fails and never reaches a
// newer arena.
#include <connarena/arena.hpp>
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <unordered_set>

namespace {

void expect_stale(connarena_t handle) {
  connarena_stats stats{};
  errno = 0;
  EXPECT_EQ(connarena_malloc(handle, 10), nullptr);
  EXPECT_EQ(errno, ESTALE);
  errno = 0;
  EXPECT_EQ(connarena_calloc(handle, 1, 10), nullptr);
  EXPECT_EQ(errno, ESTALE);
  errno = 0;
  EXPECT_EQ(connarena_realloc(handle, nullptr, 10), nullptr);
  EXPECT_EQ(errno, ESTALE);
  errno = 0;
  EXPECT_EQ(connarena_aligned_alloc(handle, 64, 10), nullptr);
  EXPECT_EQ(errno, ESTALE);
  errno = 0;
  EXPECT_EQ(connarena_release(handle), -1);
  EXPECT_EQ(errno, ESTALE);
  errno = 0;
  EXPECT_EQ(connarena_close(handle), -1);
  EXPECT_EQ(errno, ESTALE);
  errno = 0;
  EXPECT_EQ(connarena_destroy(handle), -1);
  EXPECT_EQ(errno, ESTALE);
  errno = 0;
  EXPECT_EQ(connarena_get_stats(handle, &stats), -1);
  EXPECT_EQ(errno, ESTALE);
}

TEST(handle, closed_is_stale) {
  const connarena_t handle = connarena_create(nullptr);
  ASSERT_NE(handle, 0u);
  EXPECT_EQ(connarena_close(handle), 0);
  expect_stale(handle);
}

TEST(handle, destroyed_is_stale) {
  const connarena_t handle = connarena_create(nullptr);
  EXPECT_EQ(connarena_destroy(handle), 0);
  expect_stale(handle);
}

TEST(handle, none_and_made_up_ones_are_stale) {
  expect_stale(0);
  expect_stale(~connarena_t{0});
  expect_stale(connarena_t{1} << 63);
  expect_stale(0xDEADBEEF);
  expect_stale(0xFFFFFFFFull);
  expect_stale(0xFFFFFFFF00000000ull);
}

TEST(handle, released_arena_keeps_its_handle) {
  const connarena_t handle = connarena_create(nullptr);
  EXPECT_EQ(connarena_release(handle), 0);
  void* block = connarena_malloc(handle, 10);
  EXPECT_NE(block, nullptr);
  EXPECT_EQ(connarena_of(block), handle);
  connarena_destroy(handle);
}

TEST(handle, stale_one_never_reaches_a_newer_arena) {
  const connarena_t first = connarena_create(nullptr);
  connarena_close(first);
  std::unordered_set<connarena_t> seen{first};
  for (int i = 0; i < 100000; ++i) {
    const connarena_t next = connarena_create(nullptr);
    ASSERT_NE(next, 0u);
    ASSERT_TRUE(seen.insert(next).second) << "handle given twice";
    ASSERT_EQ(connarena_malloc(first, 1), nullptr);
    connarena_close(next);
  }
}

// Each test runs in a process of its own, so this is its first handle.
TEST(handle, first_one_of_the_process_never_reaches_an_arena_for_one_thread) {
  const connarena_t handle = connarena_create(nullptr);
  connarena_close(handle);
  connarena::arena arena;
  void* block = arena.allocate(100);
  expect_stale(handle);
  arena.deallocate(block, 100);
}

TEST(handle, of_an_arena_with_survivors_is_stale_and_not_reused_for_them) {
  const connarena_t handle = connarena_create(nullptr);
  void* survivor = connarena_malloc(handle, 100);
  connarena_close(handle);
  expect_stale(handle);
  EXPECT_EQ(connarena_of(survivor), 0u);
  const connarena_t next = connarena_create(nullptr);
  EXPECT_NE(connarena_of(survivor), next);
  connarena_free(survivor);
  connarena_destroy(next);
}

TEST(handle, ten_thousand_arenas_open_at_once) {
  std::unordered_set<connarena_t> open;
  for (int i = 0; i < 10000; ++i) {
    const connarena_t handle = connarena_create(nullptr);
    ASSERT_NE(handle, 0u);
    ASSERT_NE(connarena_malloc(handle, 100), nullptr);
    ASSERT_TRUE(open.insert(handle).second);
  }
  for (const connarena_t handle : open) ASSERT_EQ(connarena_destroy(handle), 0);
}

}  // namespace
