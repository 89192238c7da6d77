// The process's mappings: their number does not grow with what it allocates, and
// what is only reserved costs the system nothing.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <vector>

#include "harness/child_process.hpp"
#include "harness/mappings.hpp"
#include "harness/resident_memory.hpp"

namespace {

using harness::mib;

TEST(mappings, stay_few_while_memory_comes_and_goes) {
  std::vector<void*> blocks(20000);
  std::vector<connarena_t> arenas(1000);
  for (connarena_t& each : arenas) each = connarena_create(nullptr);
  const std::size_t start = harness::mappings().size();
  for (std::size_t round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      blocks[i] = connarena_malloc(arenas[i % arenas.size()], i % 2 == 0 ? 100 : 10000 + i);
    }
    for (std::size_t i = round; i < blocks.size(); i += 2) {
      connarena_free(blocks[i]);
      blocks[i] = nullptr;
    }
    for (void*& each : blocks) {
      each = connarena_realloc(arenas[0], each, 30000);
      connarena_free(each);
    }
  }
  // The region's parts and tables, each committed or not, and the C library's own.
  EXPECT_LE(harness::mappings().size(), start + 30);
  for (const connarena_t each : arenas) connarena_destroy(each);
}

/// What a system without overcommit has to have memory for.
std::size_t accountable_bytes() {
  std::size_t bytes = 0;
  for (const harness::mapping& each : harness::mappings())
    bytes += each.has("ac") ? each.bytes() : 0;
  return bytes;
}

int open_arena_and_account() {
  const std::size_t before = accountable_bytes();
  const connarena_t arena = connarena_create(nullptr);
  if (connarena_malloc(arena, 100) == nullptr || connarena_malloc(arena, 10000) == nullptr)
    return 1;
  connarena_process_stats now{};
  connarena_get_process_stats(&now);
  if (now.reserved_bytes < 1024 * mib) return 2;
  // A step of 32 MiB of first blocks, of control blocks and of runs, with their tables.
  return accountable_bytes() - before <= 128 * mib ? 0 : 3;
}

TEST(mappings, that_are_only_reserved_are_not_accounted_for) {
  const harness::outcome result = harness::run_forked(open_arena_and_account);
  EXPECT_TRUE(result.succeeded()) << harness::describe(result);
}

}  // namespace
