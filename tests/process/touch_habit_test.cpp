// Fresh blocks that a program surely writes come with their pages, others without.
#include <connarena/connarena.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "api/core.hpp"
#include "harness/child_process.hpp"
#include "os/os.hpp"

namespace {

namespace core = connarena::core;
namespace os = connarena::os;

constexpr std::size_t block_bytes = 40'000;
constexpr int cannot_tell = 77;

/// Whether the system fills pages, and says so: emulators may not.
bool system_fills() {
  core::allow_uncommon_calls();
  const std::size_t bytes = 4 * os::page_bytes();
  void* const pages =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  os::fill(pages, bytes);
  const bool fills = os::resident_pages(pages, bytes) == 4;
  munmap(pages, bytes);
  return fills;
}

/// Whether the pages that a block has alone are all there.
bool is_filled(void* block) {
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  const std::uintptr_t page = os::page_bytes();
  const std::uintptr_t first = (address + page - 1) / page * page;
  const std::size_t bytes = (address + block_bytes) / page * page - first;
  return os::resident_pages(reinterpret_cast<void*>(first), bytes) == bytes / page;
}

/// Allocates blocks, writes the first bytes of each, and says of how many all pages were there
/// before that.
int filled_of(connarena_t arena, int blocks, std::size_t written_bytes) {
  int filled = 0;
  for (int i = 0; i < blocks; ++i) {
    void* const block = connarena_malloc(arena, block_bytes);
    filled += is_filled(block) ? 1 : 0;
    std::memset(block, 'x', written_bytes);
  }
  return filled;
}

int in_learning_process(int (*body)(connarena_t arena)) {
  if (!system_fills()) return cannot_tell;
  return body(connarena_create(nullptr));
}

void expect_success(int (*body)()) {
  const harness::outcome result = harness::run_forked(body);
  if (result.exit_code == cannot_tell) GTEST_SKIP() << "the system does not fill pages";
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

TEST(touch_habit, fills_blocks_that_are_written_to_their_ends) {
  expect_success([] {
    return in_learning_process([](connarena_t arena) {
      filled_of(arena, 50, block_bytes);
      // But for those that are left to be looked at.
      return filled_of(arena, 100, block_bytes) >= 90 ? 0 : 1;
    });
  });
}

TEST(touch_habit, leaves_blocks_alone_that_are_written_in_part) {
  expect_success([] {
    return in_learning_process(
        [](connarena_t arena) { return filled_of(arena, 200, block_bytes / 2); });
  });
}

TEST(touch_habit, ends_when_blocks_are_no_longer_written_to_their_ends) {
  expect_success([] {
    return in_learning_process([](connarena_t arena) {
      filled_of(arena, 100, block_bytes);
      filled_of(arena, 40, 1);
      return filled_of(arena, 100, 1);
    });
  });
}

TEST(touch_habit, is_none_where_the_calls_are_forbidden) {
  expect_success([] {
    return in_learning_process([](connarena_t arena) {
      filled_of(arena, 50, block_bytes);
      core::allowed_calls allowed{true, true, true, true, true, true, true};
      allowed.uncommon = false;
      core::enter_sandbox(allowed);
      return filled_of(arena, 100, block_bytes);
    });
  });
}

}  // namespace
