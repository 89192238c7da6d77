#include "hardening/guards.hpp"

#include <connarena/arena.hpp>
#include <connarena/connarena.h>
#include <unistd.h>

#include <cstring>

namespace hardening {
namespace {

const auto page = static_cast<std::size_t>(getpagesize());
const std::size_t large = 40 * page;

/// Runs before those under test, so that their neighbours are memory in use.
connarena_t arena_in_use() {
  const connarena_t arena = connarena_create(nullptr);
  for (int i = 0; i < 4; ++i) std::memset(connarena_malloc(arena, large), 1, large);
  return arena;
}

void touch(void* block, std::size_t at) { static_cast<volatile char*>(block)[at] = 1; }
void touch_before(void* block) { static_cast<volatile char*>(block)[-1] = 1; }

/// The first page behind the one that holds the last byte.
void overflow() { touch(connarena_malloc(arena_in_use(), large + 1), large + page); }
void underflow() { touch_before(connarena_malloc(arena_in_use(), large)); }

void overflow_of_arena() {
  static_cast<void>(arena_in_use());
  connarena::arena arena;
  touch(arena.allocate(large), large);
}

void overflow_of_aligned() {
  touch(connarena_aligned_alloc(arena_in_use(), 8 * page, large), large);
}

void overflow_of_zeroed() { touch(connarena_calloc(arena_in_use(), 1, large), large); }

/// A block that grew where it is has its guard behind its new end.
void* grow(connarena_t arena) {
  void* block = connarena_malloc(arena, large);
  for (std::size_t pages = 60; pages <= 200; pages += 20) {
    block = connarena_realloc(arena, block, pages * page);
    std::memset(block, 1, pages * page);
  }
  return block;
}

void overflow_after_growth() { touch(grow(arena_in_use()), 200 * page); }

/// Into what another block has left.
void overflow_after_growth_in_place() {
  const connarena_t arena = arena_in_use();
  connarena_free(connarena_malloc(arena, 800 * page));
  touch(grow(arena), 200 * page);
}

void growth_out_of_a_short_run() {
  const connarena_t arena = arena_in_use();
  void* block = connarena_malloc(arena, 20 * page);
  block = connarena_realloc(arena, block, large);
  std::memset(block, 1, large);
  touch(block, large);
}

void use_of_what_a_shrunk_block_lost() {
  const connarena_t arena = arena_in_use();
  void* block = connarena_malloc(arena, 4 * large);
  std::memset(block, 1, 4 * large);
  block = connarena_realloc(arena, block, large);
  touch(block, large);
}

void overflow_after_reuse() {
  const connarena_t arena = arena_in_use();
  void* block = nullptr;
  for (int round = 0; round < 100; ++round) {
    block = connarena_malloc(arena, large);
    std::memset(block, round, large);
    if (round < 99) connarena_free(block);
  }
  touch(block, large);
}

constexpr guard_case all_cases[] = {
    {"overflow", overflow},
    {"underflow", underflow},
    {"overflow_of_arena", overflow_of_arena},
    {"overflow_of_aligned", overflow_of_aligned},
    {"overflow_of_zeroed", overflow_of_zeroed},
    {"overflow_after_growth", overflow_after_growth},
    {"overflow_after_growth_in_place", overflow_after_growth_in_place},
    {"growth_out_of_a_short_run", growth_out_of_a_short_run},
    {"use_of_what_a_shrunk_block_lost", use_of_what_a_shrunk_block_lost},
    {"overflow_after_reuse", overflow_after_reuse},
};

}  // namespace

std::span<const guard_case> guard_cases() { return all_cases; }

}  // namespace hardening
