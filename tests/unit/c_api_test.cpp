// What only the C API promises: zeroed blocks, usable sizes, errno.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "harness/pattern.hpp"

namespace {

class c_api : public ::testing::Test {
 protected:
  c_api() : arena_(connarena_create(nullptr)) {}
  ~c_api() override { connarena_destroy(arena_); }
  connarena_t arena_;
};

constexpr std::size_t some_sizes[] = {1,    15,   16,   17,    100,   300,    1000,    2000,   3500,
                                      4095, 4096, 4097, 20000, 65536, 100000, 1000000, 3000000};

TEST_F(c_api, calloc_is_zero_on_fresh_memory) {
  for (const std::size_t bytes : some_sizes) {
    EXPECT_TRUE(harness::is_zero(connarena_calloc(arena_, bytes, 1), bytes)) << bytes;
  }
}

TEST_F(c_api, calloc_is_zero_on_recycled_memory) {
  for (int round = 0; round < 20; ++round) {
    std::vector<void*> blocks;
    for (const std::size_t bytes : some_sizes) {
      void* block = connarena_calloc(arena_, 1, bytes);
      ASSERT_NE(block, nullptr);
      ASSERT_TRUE(harness::is_zero(block, bytes)) << bytes << " in round " << round;
      std::memset(block, 0xAB, connarena_usable_size(block));
      blocks.push_back(block);
    }
    for (void* block : blocks) connarena_free(block);
  }
}

TEST_F(c_api, calloc_is_zero_after_release) {
  for (int round = 0; round < 5; ++round) {
    for (const std::size_t bytes : some_sizes) {
      void* block = connarena_calloc(arena_, 1, bytes);
      ASSERT_TRUE(harness::is_zero(block, bytes)) << bytes << " in round " << round;
      std::memset(block, 0xAB, bytes);
    }
    connarena_release(arena_);
  }
}

TEST_F(c_api, calloc_is_zero_in_an_arena_made_of_an_ended_one) {
  for (int round = 0; round < 5; ++round) {
    const connarena_t each = connarena_create(nullptr);
    for (const std::size_t bytes : some_sizes) {
      void* block = connarena_calloc(each, 1, bytes);
      ASSERT_TRUE(harness::is_zero(block, bytes)) << bytes << " in round " << round;
      std::memset(block, 0xAB, bytes);
    }
    connarena_destroy(each);
  }
}

TEST_F(c_api, calloc_product_that_overflows_fails) {
  errno = 0;
  EXPECT_EQ(connarena_calloc(arena_, SIZE_MAX / 2, 3), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(connarena_calloc(arena_, std::size_t{1} << 32, std::size_t{1} << 32), nullptr);
}

TEST_F(c_api, usable_size_covers_the_request_and_is_usable) {
  for (const std::size_t bytes : some_sizes) {
    void* block = connarena_malloc(arena_, bytes);
    const std::size_t usable = connarena_usable_size(block);
    ASSERT_GE(usable, bytes);
    void* neighbour = connarena_malloc(arena_, bytes);
    std::memset(neighbour, 0x11, bytes);
    std::memset(block, 0x22, usable);
    EXPECT_EQ(*static_cast<unsigned char*>(neighbour), 0x11) << bytes;
  }
}

TEST_F(c_api, null_is_accepted_where_malloc_accepts_it) {
  connarena_free(nullptr);
  EXPECT_EQ(connarena_usable_size(nullptr), 0u);
  EXPECT_EQ(connarena_of(nullptr), 0u);
}

TEST_F(c_api, memory_that_is_not_ours_belongs_to_no_arena) {
  int local = 0;
  EXPECT_EQ(connarena_of(&local), 0u);
}

TEST_F(c_api, bad_alignment_is_einval) {
  for (const std::size_t alignment : {std::size_t{0}, std::size_t{3}, std::size_t{48}, SIZE_MAX}) {
    errno = 0;
    EXPECT_EQ(connarena_aligned_alloc(arena_, alignment, 100), nullptr) << alignment;
    EXPECT_EQ(errno, EINVAL) << alignment;
  }
}

TEST_F(c_api, success_leaves_errno_alone) {
  errno = 77;
  const connarena_t arena = connarena_create(nullptr);
  for (const std::size_t bytes : some_sizes) {
    void* block = connarena_malloc(arena, bytes);
    block = connarena_realloc(arena, block, bytes * 3);
    connarena_free(block);
    connarena_free(connarena_calloc(arena, 2, bytes));
    connarena_free(connarena_aligned_alloc(arena, 256, bytes));
  }
  connarena_leave(connarena_enter(arena));
  connarena_release(arena);
  connarena_close(arena);
  EXPECT_EQ(errno, 77);
}

TEST_F(c_api, failure_of_a_limit_is_enomem) {
  const connarena_options options{100000, "small"};
  const connarena_t arena = connarena_create(&options);
  errno = 0;
  EXPECT_EQ(connarena_malloc(arena, 1000000), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  connarena_destroy(arena);
}

TEST_F(c_api, of_fd_is_unsupported_without_the_preload_library) {
  errno = 0;
  EXPECT_EQ(connarena_of_fd(0), 0u);
  EXPECT_EQ(errno, ENOTSUP);
}

}  // namespace
