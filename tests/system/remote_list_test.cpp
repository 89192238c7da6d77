// What another thread frees waits in its lane's remote list, with a mark of its own
// in the granule table. The marks are set by hand here to what a race leaves.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <thread>

#include "arena/lane/lane.hpp"
#include "arena/small/granules.hpp"
#include "arena/small/remote_free.hpp"

namespace {

using connarena::granule_index;

granule_index granule_of(const void* block) {
  return static_cast<granule_index>(connarena::granule_at(block));
}

std::uint8_t state_of(const void* block) {
  return connarena::region.granules[granule_of(block)] & connarena::granule::state_mask;
}

void set_state(const void* block, std::uint8_t state) {
  std::uint8_t& mark = connarena::region.granules[granule_of(block)];
  mark = static_cast<std::uint8_t>((mark & connarena::granule::class_mask) | state);
}

// Another thread has claimed the free and will push the block to whoever has its page.
TEST(marking_survivors, turns_a_block_that_is_being_freed_into_a_freed_survivor) {
  const connarena_t arena = connarena_create(nullptr);
  void* const freed = connarena_malloc(arena, 64);
  void* const live = connarena_malloc(arena, 64);
  set_state(freed, connarena::granule::remote);
  const granule_index begin = granule_of(freed);
  const auto count = connarena::mark_survivors(begin, begin + 8);
  EXPECT_EQ(count.blocks, 1u);
  EXPECT_EQ(count.granules, 4u);
  EXPECT_EQ(state_of(freed), connarena::granule::remote_survivor);
  EXPECT_EQ(state_of(live), connarena::granule::live | connarena::granule::survivor);
}

// The owner's own free looks at the mark and stores another without one instruction
// for both: another thread's free of the same block can come between.
TEST(collecting, of_a_block_that_its_owner_freed_too_is_a_double_free) {
  const connarena_t arena = connarena_create(nullptr);
  void* const block = connarena_malloc(arena, 64);
  std::thread([block] { connarena_free(block); }).join();
  ASSERT_EQ(state_of(block), connarena::granule::remote);
  set_state(block, connarena::granule::freed);
  connarena_stats stats{};
  EXPECT_DEATH(connarena_get_stats(arena, &stats), "connarena: double free of 0x");
  set_state(block, connarena::granule::remote);
  connarena_destroy(arena);
}

}  // namespace
