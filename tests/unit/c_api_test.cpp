// What only the C API promises: zeroed blocks, usable sizes, errno.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>
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

TEST_F(c_api, free_with_a_size_takes_what_the_block_was_asked_for) {
  connarena_stats before{};
  connarena_get_stats(arena_, &before);
  connarena_free_sized(nullptr, 0);
  connarena_free_sized(connarena_malloc(arena_, 0), 0);
  for (const std::size_t bytes : some_sizes) {
    connarena_free_sized(connarena_malloc(arena_, bytes), bytes);
    connarena_free_sized(connarena_calloc(arena_, bytes, 1), bytes);
    // Both in place and moved.
    void* block = connarena_malloc(arena_, bytes);
    for (const std::size_t resized : {bytes + 1, bytes * 2, bytes * 2 - bytes / 8, bytes}) {
      block = connarena_realloc(arena_, block, resized);
      connarena_free_sized(connarena_malloc(arena_, resized), resized);
    }
    connarena_free_sized(block, bytes);
  }
  connarena_stats after{};
  connarena_get_stats(arena_, &after);
  EXPECT_EQ(after.live_bytes, before.live_bytes);
  EXPECT_EQ(after.allocations, after.deallocations);
}

TEST_F(c_api, free_with_a_size_takes_a_block_of_an_ended_arena_and_of_another_thread) {
  const connarena_t ended = connarena_create(nullptr);
  std::vector<std::pair<void*, std::size_t>> blocks;
  for (const std::size_t bytes : some_sizes) {
    for (const connarena_t from : {ended, arena_}) {
      blocks.emplace_back(connarena_malloc(from, bytes), bytes);
    }
  }
  EXPECT_EQ(connarena_close(ended), 0);
  std::thread([&blocks] {
    for (const auto& [block, bytes] : blocks) connarena_free_sized(block, bytes);
  }).join();
  connarena_stats stats{};
  connarena_get_stats(arena_, &stats);
  EXPECT_EQ(stats.live_bytes, 0U);
}

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

TEST_F(c_api, failure_of_a_limit_is_edquot) {
  const connarena_options options{100000, "small"};
  const connarena_t arena = connarena_create(&options);
  errno = 0;
  EXPECT_EQ(connarena_malloc(arena, 1000000), nullptr);
  EXPECT_EQ(errno, EDQUOT);
  connarena_destroy(arena);
}

TEST_F(c_api, of_fd_is_unsupported_without_the_preload_library) {
  errno = 0;
  EXPECT_EQ(connarena_of_fd(0), 0u);
  EXPECT_EQ(errno, ENOTSUP);
}

// Structs of programs that were compiled with another version.

/// Room for a longer struct than this version's, with a sign where nothing was written.
template <typename Struct>
struct longer {
  static constexpr unsigned char sign = 0xA5;
  alignas(Struct) unsigned char bytes[sizeof(Struct) + 24];
  longer() { std::memset(bytes, sign, sizeof bytes); }
  Struct* get() { return reinterpret_cast<Struct*>(bytes); }
  [[nodiscard]] bool is_all(unsigned char value, std::size_t from, std::size_t to) const {
    return std::all_of(bytes + from, bytes + to, [=](unsigned char byte) { return byte == value; });
  }
};

TEST_F(c_api, stats_of_an_older_program_are_not_written_beyond_their_end) {
  void* const block = connarena_malloc(arena_, 100);
  for (std::size_t bytes = 8; bytes <= sizeof(connarena_stats); bytes += 8) {
    longer<connarena_stats> stats;
    ASSERT_EQ(connarena_get_stats_sized(arena_, stats.get(), bytes), 0);
    EXPECT_GE(stats.get()->live_bytes, 100u);
    EXPECT_TRUE(stats.is_all(stats.sign, bytes, sizeof stats)) << bytes;
  }
  for (std::size_t bytes = 8; bytes <= sizeof(connarena_process_stats); bytes += 8) {
    longer<connarena_process_stats> stats;
    ASSERT_EQ(connarena_get_process_stats_sized(stats.get(), bytes), 0);
    EXPECT_TRUE(stats.is_all(stats.sign, bytes, sizeof stats)) << bytes;
  }
  connarena_free(block);
}

TEST_F(c_api, stats_of_a_newer_program_are_zero_where_nothing_is_known) {
  longer<connarena_stats> stats;
  ASSERT_EQ(connarena_get_stats_sized(arena_, stats.get(), sizeof stats), 0);
  EXPECT_TRUE(stats.is_all(0, sizeof(connarena_stats), sizeof stats));
  longer<connarena_process_stats> of_process;
  ASSERT_EQ(connarena_get_process_stats_sized(of_process.get(), sizeof of_process), 0);
  EXPECT_TRUE(of_process.is_all(0, sizeof(connarena_process_stats), sizeof of_process));
  EXPECT_GE(of_process.get()->arenas_open, 1u);
}

TEST_F(c_api, options_of_an_older_program_are_not_read_beyond_their_end) {
  longer<connarena_options> options;
  options.get()->limit_bytes = 100000;  // its name would be no string
  const connarena_t arena =
      connarena_create_sized(options.get(), offsetof(connarena_options, name));
  ASSERT_NE(arena, 0u);
  EXPECT_EQ(connarena_malloc(arena, 1000000), nullptr);
  connarena_destroy(arena);
}

TEST_F(c_api, options_of_a_newer_program_are_refused_where_they_ask_for_what_is_unknown) {
  longer<connarena_options> options;
  std::memset(options.bytes, 0, sizeof options.bytes);
  const connarena_t arena = connarena_create_sized(options.get(), sizeof options);
  EXPECT_NE(arena, 0u);
  connarena_destroy(arena);
  options.bytes[sizeof options - 1] = 1;
  errno = 0;
  EXPECT_EQ(connarena_create_sized(options.get(), sizeof options), 0u);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(c_api, sizes_that_no_struct_has_are_einval) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{4097}, SIZE_MAX}) {
    longer<connarena_process_stats> stats;
    const connarena_options options{};
    errno = 0;
    EXPECT_EQ(connarena_get_process_stats_sized(stats.get(), bytes), -1);
    EXPECT_EQ(errno, EINVAL);
    errno = 0;
    EXPECT_EQ(
        connarena_get_stats_sized(arena_, reinterpret_cast<connarena_stats*>(stats.bytes), bytes),
        -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_TRUE(stats.is_all(stats.sign, 0, sizeof stats));
    errno = 0;
    EXPECT_EQ(connarena_create_sized(&options, bytes), 0u);
    EXPECT_EQ(errno, EINVAL);
  }
}

/// As a program finds them that looks them up by name.
TEST_F(c_api, functions_without_a_size_know_the_structs_of_their_version) {
  longer<connarena_stats> stats;
  longer<connarena_process_stats> of_process;
  auto* const get_stats = &connarena_get_stats;
  auto* const get_process_stats = &connarena_get_process_stats;
  auto* const create = &connarena_create;
  const connarena_options options{100000, "small"};
  const connarena_t arena = create(&options);
  EXPECT_EQ(connarena_malloc(arena, 1000000), nullptr);
  EXPECT_EQ(get_stats(arena, stats.get()), 0);
  EXPECT_EQ(get_process_stats(of_process.get()), 0);
  EXPECT_TRUE(stats.is_all(stats.sign, 40, sizeof stats));
  EXPECT_TRUE(of_process.is_all(of_process.sign, 56, sizeof of_process));
  connarena_destroy(arena);
}

}  // namespace
