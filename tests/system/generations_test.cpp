// A handle is never that of a newer arena, however many a process opens. The counter is
// set to where it would be after so many.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <unordered_set>

#include "arena/arenas.hpp"

namespace {

using connarena::one_thread_generation;

void go_on_from(std::uint64_t generation) {
  connarena::detail::next_generations.store(generation);
  connarena::this_thread().generations_left = 0;
}

/// Opens and closes an arena, in the same lane each time.
connarena_t use_up() {
  const connarena_t handle = connarena_create(nullptr);
  connarena_close(handle);
  return handle;
}

TEST(generations, do_not_come_again_after_32_bits) {
  std::unordered_set<connarena_t> seen;
  for (int turn = 0; turn < 3; ++turn) {
    go_on_from((std::uint64_t(turn) << 32) + 5000);
    for (int i = 0; i < 3000; ++i) EXPECT_TRUE(seen.insert(use_up()).second) << turn << ' ' << i;
  }
}

TEST(generations, a_handle_is_stale_to_the_arena_of_2_to_the_32_later) {
  go_on_from(5000);
  const connarena_t old = use_up();
  go_on_from((std::uint64_t{1} << 32) + 5000);
  const connarena_t fresh = connarena_create(nullptr);
  void* const block = connarena_malloc(fresh, 100);
  EXPECT_EQ(connarena::lane_index_of(old), connarena::lane_index_of(fresh)) << "proves nothing";
  EXPECT_EQ(connarena_malloc(old, 100), nullptr);
  EXPECT_EQ(connarena_malloc(old, 100'000), nullptr);
  EXPECT_EQ(connarena_close(old), -1);
  EXPECT_EQ(connarena_of(block), fresh);
  connarena_destroy(fresh);
}

TEST(generations, that_wrap_pass_over_those_with_a_meaning) {
  go_on_from(connarena::most_generation - 3);
  for (int i = 0; i < 10; ++i) {
    const connarena_t handle = connarena_create(nullptr);
    EXPECT_GT(connarena::generation_of(handle), one_thread_generation);
    void* const block = connarena_malloc(handle, 100);
    EXPECT_NE(block, nullptr);
    EXPECT_EQ(connarena_of(block), handle);
    EXPECT_EQ(connarena_destroy(handle), 0);
  }
}

}  // namespace
