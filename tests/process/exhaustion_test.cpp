// With no memory left, requests fail and what is there stays usable.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "harness/child_process.hpp"
#include "harness/resident_memory.hpp"

namespace {

using harness::mib;

void limit_address_space(std::size_t bytes) {
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_AS, &limit);
}

template <std::size_t Bytes>
int exhaust_with() {
  limit_address_space(400 * mib);
  const connarena_t arena = connarena_create(nullptr);
  if (arena == 0) return 1;
  std::vector<void*> blocks;
  blocks.reserve(1000000);
  while (void* block = connarena_malloc(arena, Bytes)) {
    std::memset(block, 'x', Bytes);
    blocks.push_back(block);
    if (blocks.size() * Bytes > 400 * mib) return 2;
  }
  if (errno != ENOMEM) return 3;
  if (blocks.size() * Bytes < 20 * mib) return 4;
  for (std::size_t i = 0; i < blocks.size(); i += 2) connarena_free(blocks[i]);
  for (std::size_t i = 0; i < blocks.size(); i += 2) {
    blocks[i] = connarena_malloc(arena, Bytes);
    if (blocks[i] == nullptr) return 5;
  }
  if (connarena_close(arena) != 0) return 6;
  for (void* block : blocks) connarena_free(block);
  const connarena_t next = connarena_create(nullptr);
  return connarena_malloc(next, 10 * mib) != nullptr ? 0 : 7;
}

TEST(exhaustion, by_small_blocks_fails_and_recovers) {
  const harness::outcome result = harness::run_forked(exhaust_with<500>);
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
}

TEST(exhaustion, by_pages_fails_and_recovers) {
  const harness::outcome result = harness::run_forked(exhaust_with<50000>);
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
}

TEST(exhaustion, by_huge_blocks_fails_and_recovers) {
  const harness::outcome result = harness::run_forked(exhaust_with<5000000>);
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
}

int open_arenas_without_end() {
  limit_address_space(200 * mib);
  std::vector<connarena_t> arenas;
  arenas.reserve(4000000);
  while (const connarena_t arena = connarena_create(nullptr)) {
    arenas.push_back(arena);
    if (connarena_malloc(arena, 5000) == nullptr) break;
    if (arenas.size() * 5000 > 200 * mib) return 1;
  }
  if (errno != ENOMEM) return 2;
  for (const connarena_t arena : arenas) {
    if (connarena_destroy(arena) != 0) return 3;
  }
  return connarena_create(nullptr) != 0 ? 0 : 4;
}

TEST(exhaustion, by_arenas_fails_and_recovers) {
  const harness::outcome result = harness::run_forked(open_arenas_without_end);
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
}

int throw_and_go_on() {
  limit_address_space(400 * mib);
  connarena::arena arena;
  std::pmr::vector<char> buffer(1000, 'x', &arena);
  try {
    buffer.resize(1000 * mib);
    return 1;
  } catch (const std::bad_alloc&) {
  }
  buffer.resize(5000);
  return buffer[999] == 'x' ? 0 : 2;
}

TEST(exhaustion, throws_bad_alloc_from_the_pmr_resources) {
  const harness::outcome result = harness::run_forked(throw_and_go_on);
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
}

int start_thread_under_limit() {
  limit_address_space(400 * mib);
  const connarena_t arena = connarena_create(nullptr);
  if (connarena_malloc(arena, 1000) == nullptr) return 1;
  std::thread other([arena] { connarena_free(connarena_malloc(arena, 1000)); });
  other.join();
  return 0;
}

TEST(exhaustion, region_leaves_room_for_a_thread) {
  const harness::outcome result = harness::run_forked(start_thread_under_limit);
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
}

/// Bytes of private writable mappings, which RLIMIT_DATA limits.
std::size_t data_bytes() {
  std::ifstream status("/proc/self/status");
  std::size_t kib = 0;
  for (std::string line; std::getline(status, line);) {
    if (std::sscanf(line.c_str(), "VmData: %zu kB", &kib) == 1) break;
  }
  return kib * harness::kib;
}

/// A system that has less left than what the core likes to commit at a time.
int use_what_is_left() {
  constexpr std::size_t bytes = 100000;
  std::vector<void*> blocks(1000);
  const std::size_t limit_bytes = data_bytes() + 20 * mib;
  const rlimit limit{limit_bytes, limit_bytes};
  if (setrlimit(RLIMIT_DATA, &limit) != 0) return 1;
  const connarena_t arena = connarena_create(nullptr);
  for (int i = 0; i < 1000; ++i) {
    if (connarena_malloc(arena, 1000) == nullptr) return 2;
  }
  std::size_t count = 0;
  while (void* const block = connarena_malloc(arena, bytes)) {
    std::memset(block, 'x', bytes);
    blocks[count++] = block;
  }
  if (errno != ENOMEM) return 3;
  if (count * bytes < 10 * mib) return 4;
  for (std::size_t i = 0; i < count; ++i) connarena_free(blocks[i]);
  for (std::size_t i = 0; i < count * 9 / 10; ++i) {
    if (connarena_malloc(arena, bytes) == nullptr) return 5;
  }
  return connarena_close(arena) == 0 ? 0 : 6;
}

TEST(exhaustion, of_a_system_that_has_little_left_comes_when_that_is_used) {
  const harness::outcome result = harness::run_forked(use_what_is_left);
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
}

int limit_address_space_later() {
  const connarena_t first = connarena_create(nullptr);
  if (connarena_malloc(first, 1000) == nullptr) return 1;
  limit_address_space(100 * mib);
  const connarena_t second = connarena_create(nullptr);
  for (int i = 0; i < 200; ++i) {
    if (connarena_malloc(first, 100000) == nullptr) return 2;
    if (connarena_malloc(second, 3000) == nullptr) return 3;
  }
  return connarena_close(first) == 0 && connarena_destroy(second) == 0 ? 0 : 4;
}

// What is reserved is the process's: a limit on further address space is none on it.
TEST(exhaustion, of_address_space_by_a_later_limit_leaves_the_region_usable) {
  const harness::outcome result = harness::run_forked(limit_address_space_later);
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
}

}  // namespace
