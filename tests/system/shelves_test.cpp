// What threads want again beyond what each may keep lies on shelves, as long as it is wanted.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "api/core.hpp"
#include "arena/totals.hpp"
#include "harness/child_process.hpp"
#include "heap/shelf.hpp"
#include "system/fake_os.hpp"

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;
namespace core = connarena::core;

void expect_works(int (*body)()) {
  const harness::outcome result = harness::run_forked(body);
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

std::vector<void*> take(connarena_t arena, std::size_t count, std::size_t block_bytes) {
  std::vector<void*> blocks(count);
  for (void*& block : blocks) block = connarena_malloc(arena, block_bytes);
  return blocks;
}

void give(const std::vector<void*>& blocks) {
  for (void* block : blocks) connarena_free(block);
}

/// A connection with so many bytes of such blocks comes and goes.
void burst(std::size_t all_bytes, std::size_t block_bytes) {
  const connarena_t arena = connarena_create(nullptr);
  static_cast<void>(take(arena, all_bytes / block_bytes, block_bytes));
  connarena_destroy(arena);
}

std::size_t footprint_bytes() { return connarena::process().footprint_bytes; }

void let_all_go() {
  for (int i = 0; i < 4; ++i) {
    fake_os::setup().now_ns += 250'000'000;
    while (core::return_idle() == 0) {
    }
  }
}

TEST(shelves, hold_what_the_next_burst_wants) {
  expect_works([] {
    burst(32 * mib, 16 * kib);
    const std::uint64_t shelved = connarena::shelved_bytes();
    if (shelved < 24 * mib || connarena::process().retained_bytes < shelved) return 1;
    const std::size_t before = footprint_bytes();
    for (int i = 0; i < 5; ++i) burst(32 * mib, 16 * kib);
    return footprint_bytes() == before ? 0 : 2;
  });
}

TEST(shelves, are_empty_when_nobody_has_wanted_anything_for_three_epochs) {
  expect_works([] {
    burst(32 * mib, 16 * kib);
    burst(4 * mib, 20 * kib);
    let_all_go();
    if (connarena::shelved_bytes() != 0 || connarena::told_shelved_bytes() != 0) return 1;
    return connarena::process().retained_bytes <= 8 * mib ? 0 : 2;
  });
}

TEST(shelves, keep_of_each_length_what_is_wanted) {
  expect_works([] {
    burst(16 * mib, 16 * kib);
    burst(16 * mib, 20 * kib);
    for (int i = 0; i < 8; ++i) {
      fake_os::setup().now_ns += 250'000'000;
      burst(16 * mib, 20 * kib);
      core::return_idle();
    }
    const std::uint64_t shelved = connarena::shelved_bytes();
    return shelved > 12 * mib && shelved <= 17 * mib ? 0 : 1;
  });
}

TEST(shelves, are_merged_before_memory_is_taken_afresh) {
  expect_works([] {
    burst(16 * mib, 16 * kib);
    const std::size_t before = footprint_bytes();
    burst(8 * mib, 24 * kib);
    burst(8 * mib, mib);
    return footprint_bytes() <= before + mib ? 0 : 1;
  });
}

TEST(shelves, of_another_thread_are_taken_where_more_is_idle_than_the_peak_allows) {
  expect_works([] {
    const std::size_t before = footprint_bytes();
    for (int i = 0; i < 6; ++i) {
      std::thread([] { burst(32 * mib, 16 * kib); }).join();
      burst(32 * mib, 20 * kib);
      if (footprint_bytes() > before + (32 + 4 + 8 + 4) * mib) return 1;
    }
    return 0;
  });
}

TEST(shelves, are_shared_by_the_threads_of_a_processor) {
  expect_works([] {
    fake_os::setup().processor = 5;
    const auto thread_burst = [] { std::thread([] { burst(16 * mib, 16 * kib); }).join(); };
    thread_burst();
    const std::size_t before = footprint_bytes();
    for (int i = 0; i < 10; ++i) thread_burst();
    return footprint_bytes() <= before + mib ? 0 : 1;
  });
}

TEST(shelves, of_a_processor_that_a_thread_left_have_back_what_it_frees_elsewhere) {
  expect_works([] {
    fake_os::setup().processor = 5;
    const connarena_t arena = connarena_create(nullptr);
    const std::vector<void*> blocks = take(arena, 1000, 16 * kib);
    const std::size_t before = footprint_bytes();
    fake_os::setup().processor = 6;
    give(blocks);
    if (connarena::shelves[5].bytes() < 13 * mib || connarena::shelves[6].bytes() != 0) return 1;
    fake_os::setup().processor = 5;
    give(take(arena, 1000, 16 * kib));
    return footprint_bytes() <= before + mib ? 0 : 2;
  });
}

TEST(shelves, are_emptied_by_a_trim) {
  expect_works([] {
    burst(16 * mib, 16 * kib);
    if (connarena_trim() != 1) return 1;
    return connarena::shelved_bytes() == 0 && connarena::process().retained_bytes <= mib ? 0 : 2;
  });
}

TEST(shelves, hold_nothing_that_was_taken_long_ago_and_not_wanted_since) {
  expect_works([] {
    const connarena_t arena = connarena_create(nullptr);
    const std::vector<void*> blocks = take(arena, 2000, 16 * kib);
    for (int i = 0; i < 15; ++i) let_all_go();
    give(blocks);
    return connarena::shelved_bytes() == 0 ? 0 : 1;
  });
}

/// Allocates, and has another thread free it, on another processor.
void pass_on(connarena_t arena) {
  fake_os::setup().processor = 2;
  const std::vector<void*> blocks = take(arena, 512, 16 * kib);
  fake_os::setup().processor = 3;
  std::thread([&] { give(blocks); }).join();
}

TEST(shelves, have_back_what_another_thread_frees_elsewhere) {
  expect_works([] {
    const connarena_t arena = connarena_create(nullptr);
    pass_on(arena);
    // But for what the ended thread kept.
    if (connarena::shelves[2].bytes() < 6 * mib) return 1;
    const std::size_t before = footprint_bytes();
    for (int i = 0; i < 10; ++i) pass_on(arena);
    if (connarena::shelves[2].bytes() < 6 * mib) return 2;
    return footprint_bytes() <= before + 2 * mib ? 0 : 3;
  });
}

TEST(shelves, have_back_from_elsewhere_no_more_than_was_taken) {
  expect_works([] {
    const connarena_t arena = connarena_create(nullptr);
    fake_os::setup().processor = 2;
    const std::vector<void*> blocks = take(arena, 512, 16 * kib);
    const std::vector<void*> others = take(arena, 64, 20 * kib);
    for (int i = 0; i < 15; ++i) let_all_go();  // what was taken long ago is not awaited
    const std::vector<void*> awaited = take(arena, 64, 24 * kib);
    fake_os::setup().processor = 3;
    give(blocks);
    give(others);
    give(awaited);
    return connarena::shelves[2].bytes() <= 64 * 24 * kib ? 0 : 1;
  });
}

}  // namespace
