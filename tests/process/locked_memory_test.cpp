// Pages that the program has locked into memory keep nothing else there.
#include <connarena/connarena.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <vector>

#include "harness/expect_works.hpp"
#include "harness/idle_memory.hpp"
#include "harness/pattern.hpp"
#include "harness/resident_memory.hpp"
#include "os/os.hpp"

namespace {

using harness::expect_works;
using harness::mib;

constexpr std::size_t block_bytes = 60000;

/// Locks 100 bytes of each `nth` of 1,000 blocks that are freed then.
int free_blocks_with_locked_pages(std::size_t nth) {
  const connarena_t arena = connarena_create(nullptr);
  const harness::resident_growth growth;
  for (int round = 0; round < 3; ++round) {
    std::vector<void*> blocks(1000);
    for (void*& each : blocks) {
      each = connarena_calloc(arena, 1, block_bytes);
      if (each == nullptr) return 1;
      if (!harness::is_zero(each, block_bytes)) return 2;
      std::memset(each, 0x5a, block_bytes);
    }
    for (std::size_t i = 0; i < blocks.size(); i += nth) {
      if (mlock(blocks[i], 100) != 0) return 3;
    }
    for (void* each : blocks) connarena_free(each);
    if (!harness::idle_memory_goes()) return 6;
    connarena_process_stats now{};
    connarena_get_process_stats(&now);
    if (now.retained_bytes > 9 * mib) return 4;
    if (growth.bytes() > static_cast<std::ptrdiff_t>(12 * mib)) return 5;
  }
  return 0;
}

template <std::size_t Nth, bool KnowsLocked>
int free_blocks_on_a_system() {
  if (!KnowsLocked) {
    connarena::os::allowed_calls allowed;
    allowed.advise_locked = false;
    connarena::os::restrict_calls(allowed);
  }
  return free_blocks_with_locked_pages(Nth);
}

int work_after_all_was_locked() {
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) return 0;
  const connarena_t arena = connarena_create(nullptr);
  void* const block = connarena_malloc(arena, 1);
  if (block == nullptr || munlockall() != 0) return 7;
  return free_blocks_with_locked_pages(1000);
}

TEST(locked_page, of_a_process_that_locks_all_before_its_first_arena_goes_once_it_may) {
  expect_works(work_after_all_was_locked);
}

TEST(locked_page, of_a_freed_block_keeps_no_other_resident) {
  expect_works(free_blocks_on_a_system<1000, true>);
  expect_works(free_blocks_on_a_system<50, true>);
}

// As Linux before 5.18.
TEST(locked_page, that_the_system_does_not_take_keeps_no_other_resident) {
  expect_works(free_blocks_on_a_system<1000, false>);
  expect_works(free_blocks_on_a_system<50, false>);
}

}  // namespace
