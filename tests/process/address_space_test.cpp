// What the process reserves and commits: near what it uses, and more as it uses more.
#include <connarena/connarena.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "api/core.hpp"
#include "harness/expect_works.hpp"
#include "harness/resident_memory.hpp"
#include "heap/region.hpp"

namespace {

using harness::expect_works;
using harness::kib;
using harness::mib;

/// A figure of /proc/self/status, in bytes.
std::size_t figure(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(name + ':', 0) == 0) return std::stoul(line.substr(name.size() + 1)) * kib;
  }
  return 0;
}

bool use_a_little() {
  const connarena_t arena = connarena_create(nullptr);
  for (const std::size_t bytes : {100u, 2000u, 9000u}) {
    void* const block = connarena_malloc(arena, bytes);
    if (block == nullptr) return false;
    std::memset(block, 1, bytes);
  }
  return connarena::core::allocate_unowned(9000, 16) != nullptr;
}

TEST(commits, of_a_few_blocks_are_near_what_is_used) {
  expect_works([] {
    const std::size_t before = figure("VmData");
    if (!use_a_little()) return 1;
    return figure("VmData") - before < mib ? 0 : 2;
  });
}

TEST(commits, of_many_blocks_are_near_what_is_used) {
  expect_works([] {
    const std::size_t before = figure("VmData");
    const connarena_t arena = connarena_create(nullptr);
    for (int i = 0; i < 800; ++i) {
      if (connarena_malloc(arena, 50000) == nullptr) return 1;
    }
    return figure("VmData") - before < 800 * 50000 * 8 / 5 ? 0 : 2;
  });
}

TEST(commits, leave_a_limit_on_data_to_whoever_uses_it) {
  expect_works([] {
    const std::size_t most = figure("VmData") + 64 * mib;
    const rlimit limit{most, most};
    if (setrlimit(RLIMIT_DATA, &limit) != 0) return 1;
    if (!use_a_little()) return 2;
    std::size_t bytes = 0;
    // A call that no compiler sees through, and so spares no block.
    void* (*const volatile allocate)(std::size_t) = std::malloc;
    while (allocate(1000) != nullptr) bytes += 1000;
    return bytes > 56 * mib ? 0 : 3;
  });
}

// A block that grows has address space to grow into: not where that counts.
TEST(commits, for_growth_leave_a_limit_on_data_to_whoever_uses_it) {
  expect_works([] {
    const std::size_t most = figure("VmData") + 64 * mib;
    const rlimit limit{most, most};
    if (setrlimit(RLIMIT_DATA, &limit) != 0) return 1;
    const connarena_t arena = connarena_create(nullptr);
    void* block = nullptr;
    std::size_t bytes = 64 * kib;
    while (void* const grown = connarena_realloc(arena, block, bytes)) {
      block = grown;
      bytes += bytes / 4;
    }
    return bytes > 24 * mib ? 0 : 2;
  });
}

TEST(address_space, of_a_few_blocks_is_a_few_gibibytes) {
  expect_works([] {
    const std::size_t before = figure("VmSize");
    if (!use_a_little()) return 1;
    return figure("VmSize") - before < 4096 * mib ? 0 : 2;
  });
}

TEST(address_space, grows_with_what_is_used) {
  expect_works([] {
    const connarena_t arena = connarena_create(nullptr);
    std::vector<char*> blocks;
    for (int i = 0; i < 40; ++i) {
      blocks.push_back(static_cast<char*>(connarena_malloc(arena, 100 * mib)));
      if (blocks.back() == nullptr) return 1;
      *blocks.back() = 'x';
    }
    for (char* each : blocks) {
      if (*each != 'x' || !connarena::core::owns(each)) return 2;
      connarena_free(each);
    }
    return 0;
  });
}

// It is no block of ours, and what lies behind it is nobody's for us.
TEST(address_space, that_another_takes_first_stays_the_others) {
  expect_works([] {
    const connarena_t arena = connarena_create(nullptr);
    if (connarena_malloc(arena, 10000) == nullptr) return 1;
    const connarena::region_part& runs = connarena::region.runs;
    char* const next = connarena::address_in(runs, runs.reserved);
    void* const others = mmap(next, mib, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (others != next) return 2;
    while (connarena_malloc(arena, 10 * mib) != nullptr) {
    }
    if (connarena::core::owns(others) || !connarena::core::owns(next - 1)) return 3;
    static_cast<char*>(others)[0] = 'x';
    return connarena_malloc(arena, 100) != nullptr ? 0 : 4;
  });
}

}  // namespace
