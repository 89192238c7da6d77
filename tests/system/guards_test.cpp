// Guards where each splits a mapping, and where the system refuses them. The fake
// system's guards are mappings of their own.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "harness/expect_works.hpp"
#include "heap/hardening.hpp"
#include "system/fake_os.hpp"

namespace {

using harness::expect_works;

constexpr std::size_t large = 200000;
constexpr std::size_t most_guarded = 4096;

std::size_t mapping_count() {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) ++count;
  return count;
}

/// Takes, writes, resizes and frees large blocks: all of each can be used.
bool works(connarena_t arena) {
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < 20; ++i) {
    blocks.push_back(connarena_malloc(arena, large + i * 5000));
    if (blocks.back() == nullptr) return false;
    std::memset(blocks.back(), 1, large + i * 5000);
  }
  for (void*& each : blocks) {
    for (const std::size_t bytes : {2 * large, 3 * large, 4 * large, large}) {
      each = connarena_realloc(arena, each, bytes);
      if (each == nullptr) return false;
      std::memset(each, 1, bytes);
    }
  }
  for (void* each : blocks) connarena_free(each);
  return true;
}

TEST(guards_that_split_mappings, are_of_a_bounded_number) {
  expect_works([] {
    connarena::harden();
    const connarena_t arena = connarena_create(nullptr);
    const std::size_t start = mapping_count();
    std::vector<void*> blocks(most_guarded + 1000);
    for (void*& each : blocks) each = connarena_malloc(arena, large);
    if (fake_os::seen().of(fake_os::call::guard) != 2 * most_guarded) return 1;
    if (mapping_count() > start + 4 * most_guarded + 30) return 2;
    for (void* each : blocks) connarena_free(each);
    if (mapping_count() > start + 30) return 3;
    static_cast<void>(connarena_malloc(arena, large));
    return fake_os::seen().of(fake_os::call::guard) == 2 * most_guarded + 2 ? 0 : 4;
  });
}

TEST(guards_that_the_system_refuses, leave_large_blocks_without) {
  expect_works([] {
    connarena::harden();
    fake_os::setup().guard_budget = 0;
    const connarena_t arena = connarena_create(nullptr);
    if (!works(arena)) return 1;
    // The one before a run only, and none behind a block that shrinks.
    for (std::size_t budget = 1; budget < 40; ++budget) {
      fake_os::setup().guard_budget = budget;
      if (!works(arena)) return 2;
    }
    return connarena_destroy(arena) == 0 ? 0 : 3;
  });
}

TEST(guards_that_the_system_refuses, to_lift_are_never_handed_out) {
  expect_works([] {
    connarena::harden();
    const connarena_t arena = connarena_create(nullptr);
    for (const bool refuses : {false, true, true, false}) {
      fake_os::setup().refuses_unguard = refuses;
      if (!works(arena)) return 1;
    }
    return connarena_destroy(arena) == 0 ? 0 : 2;
  });
}

}  // namespace
