// Resizing keeps contents, wherever the block goes.
#include <connarena/arena.hpp>
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <thread>

#include "harness/pattern.hpp"

namespace {

class realloc_block : public ::testing::Test {
 protected:
  realloc_block() : arena_(connarena_create(nullptr)) {}
  ~realloc_block() override { connarena_destroy(arena_); }
  connarena_t arena_;
};

constexpr std::size_t steps[] = {1,    16,    17,    100,    1000,    3000,   4096,
                                 5000, 20000, 65536, 200000, 1 << 20, 5 << 20};

TEST_F(realloc_block, between_any_two_sizes_keeps_contents) {
  for (const std::size_t from : steps) {
    for (const std::size_t to : steps) {
      void* block = connarena_malloc(arena_, from);
      harness::write_pattern(block, from, from);
      block = connarena_realloc(arena_, block, to);
      ASSERT_NE(block, nullptr) << from << " to " << to;
      ASSERT_GE(connarena_usable_size(block), to);
      ASSERT_TRUE(harness::holds_pattern(block, std::min(from, to), from, from))
          << from << " to " << to;
      connarena_free(block);
    }
  }
}

TEST_F(realloc_block, growing_step_by_step_keeps_contents) {
  void* block = connarena_malloc(arena_, 1);
  void* wall = nullptr;
  for (std::size_t bytes = 1; bytes < (8u << 20); bytes = bytes * 5 / 4 + 13) {
    harness::write_pattern(block, bytes, bytes);
    const std::size_t next = bytes * 5 / 4 + 13;
    block = connarena_realloc(arena_, block, next);
    ASSERT_NE(block, nullptr);
    ASSERT_TRUE(harness::holds_pattern(block, bytes, bytes)) << bytes;
    connarena_free(wall);
    wall = connarena_malloc(arena_, next);
  }
}

TEST_F(realloc_block, of_null_allocates) {
  void* block = connarena_realloc(arena_, nullptr, 100);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(connarena_of(block), arena_);
}

TEST_F(realloc_block, stays_with_the_arena_that_owns_it) {
  const connarena_t other = connarena_create(nullptr);
  for (const std::size_t bytes : steps) {
    void* block = connarena_malloc(arena_, bytes);
    block = connarena_realloc(other, block, bytes * 4);
    EXPECT_EQ(connarena_of(block), arena_) << bytes;
  }
  connarena_destroy(other);
}

TEST_F(realloc_block, of_a_survivor_moves_to_the_arena_given) {
  for (const std::size_t bytes : {64u, 1000u, 5000u, 100000u}) {
    const connarena_t ended = connarena_create(nullptr);
    void* survivor = connarena_malloc(ended, bytes);
    harness::write_pattern(survivor, bytes, 5);
    connarena_close(ended);
    void* moved = connarena_realloc(arena_, survivor, bytes * 50);
    ASSERT_NE(moved, nullptr);
    EXPECT_TRUE(harness::holds_pattern(moved, bytes, 5));
    EXPECT_TRUE(moved == survivor || connarena_of(moved) == arena_) << bytes;
    connarena_free(moved);
  }
}

TEST_F(realloc_block, that_fails_leaves_the_block) {
  const connarena_options options{200000, "small"};
  const connarena_t small = connarena_create(&options);
  void* block = connarena_malloc(small, 1000);
  harness::write_pattern(block, 1000, 9);
  errno = 0;
  EXPECT_EQ(connarena_realloc(small, block, 10000000), nullptr);
  EXPECT_EQ(errno, EDQUOT);
  EXPECT_EQ(connarena_realloc(small, block, SIZE_MAX - 100), nullptr);
  EXPECT_TRUE(harness::holds_pattern(block, 1000, 9));
  connarena_free(block);
  connarena_destroy(small);
}

template <typename Arena>
class arena_reallocate : public ::testing::Test {};
using resources = ::testing::Types<connarena::arena, connarena::synchronized_arena>;
TYPED_TEST_SUITE(arena_reallocate, resources);

TYPED_TEST(arena_reallocate, between_any_two_sizes_keeps_contents_and_takes_the_new_size_back) {
  TypeParam arena;
  for (const std::size_t from : steps) {
    for (const std::size_t to : steps) {
      void* block = arena.allocate(from);
      harness::write_pattern(block, from, from);
      block = arena.reallocate(block, from, to);
      ASSERT_TRUE(harness::holds_pattern(block, std::min(from, to), from, from))
          << from << " to " << to;
      arena.deallocate(block, to);
    }
  }
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

TYPED_TEST(arena_reallocate, shrinking_by_a_little_takes_the_new_size_back) {
  TypeParam arena;
  for (const std::size_t less : {std::size_t{4096}, std::size_t{100000}}) {
    void* block = arena.allocate(1 << 20);
    block = arena.reallocate(block, 1 << 20, (1 << 20) - less);
    arena.deallocate(block, (1 << 20) - less);
  }
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

TYPED_TEST(arena_reallocate, of_null_allocates) {
  TypeParam arena;
  void* block = arena.reallocate(nullptr, 0, 100);
  EXPECT_NE(block, nullptr);
  arena.deallocate(block, 100);
}

TYPED_TEST(arena_reallocate, beyond_the_limit_leaves_the_block_as_it_was) {
  TypeParam arena({.limit_bytes = 1 << 20});
  void* block = arena.allocate(200000);
  harness::write_pattern(block, 200000, 1);
  EXPECT_THROW(static_cast<void>(arena.reallocate(block, 200000, 2 << 20)),
               connarena::arena_limit_exceeded);
  EXPECT_TRUE(harness::holds_pattern(block, 200000, 1));
  arena.deallocate(block, 200000);
}

TEST(synchronized_arena_reallocate, of_a_survivor_keeps_it_valid_and_ends_the_resource_with_it) {
  for (const std::size_t from : steps) {
    for (const std::size_t to : steps) {
      connarena::arena_ptr arena = connarena::synchronized_arena::open();
      connarena::synchronized_arena* const resource = arena.get();
      void* survivor = resource->allocate(from);
      harness::write_pattern(survivor, from, from);
      arena.reset();
      const std::size_t draining = connarena::process().arenas_draining;
      survivor = resource->reallocate(survivor, from, to);
      ASSERT_TRUE(harness::holds_pattern(survivor, std::min(from, to), from, from));
      survivor = resource->reallocate(survivor, to, from);
      ASSERT_EQ(connarena::process().arenas_draining, draining);
      resource->deallocate(survivor, from);
      ASSERT_EQ(connarena::process().arenas_draining, draining - 1);
    }
  }
}

TEST(synchronized_arena_reallocate, by_another_thread_keeps_contents) {
  connarena::synchronized_arena arena;
  void* block = arena.allocate(100);
  harness::write_pattern(block, 100, 3);
  std::thread([&] { block = arena.reallocate(block, 100, 100'000); }).join();
  EXPECT_TRUE(harness::holds_pattern(block, 100, 3));
  arena.deallocate(block, 100'000);
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

}  // namespace
