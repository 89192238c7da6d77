// A million closed connections, each with one small survivor, cost at most the
// survivor's size class and 64 bytes each, once as many further connections
// have come and gone; and nothing once the survivors are freed.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "harness/idle_memory.hpp"
#include "harness/resident_memory.hpp"

namespace {

using harness::mib;
using harness::resident_growth;

constexpr std::size_t connections = 1000000;
constexpr std::size_t per_survivor_bytes = 64;

/// A block that outlives its connection, and what frees it.
struct survivor {
  void* at;
  std::pmr::memory_resource* resource;  ///< null for the C API
};

/// Connections of the C API.
struct c_connections {
  static survivor leave_survivor(std::size_t number, std::size_t bytes) {
    const connarena_t arena = connarena_create(nullptr);
    void* temporary = nullptr;
    if (number % 2 == 1) {
      temporary = connarena_malloc(arena, 1024);
      std::memset(temporary, 't', 1024);
    }
    void* block = connarena_malloc(arena, bytes);
    connarena_free(temporary);
    connarena_close(arena);
    return {block, nullptr};
  }
  static void free(const survivor& each, std::size_t) { connarena_free(each.at); }
};

/// Connections that own an arena_ptr.
struct pointer_connections {
  static survivor leave_survivor(std::size_t number, std::size_t bytes) {
    connarena::arena_ptr arena = connarena::synchronized_arena::open();
    survivor left{nullptr, arena.get()};
    void* temporary = arena->allocate(number % 2 == 1 ? 1024 : 1);
    left.at = arena->allocate(bytes);
    arena->deallocate(temporary, number % 2 == 1 ? 1024 : 1);
    return left;
  }
  static void free(const survivor& each, std::size_t bytes) {
    each.resource->deallocate(each.at, bytes);
  }
};

bool is_intact(const void* survivor, std::size_t number, std::size_t bytes) {
  const auto* at = static_cast<const unsigned char*>(survivor);
  return at[0] == number % 251 && std::memcmp(at, at + 1, bytes - 1) == 0;
}

/// Half of the survivors lie in the arena's first block, half beyond it.
template <typename Connections>
void expect_bookkeeping_is_bounded(std::size_t bytes) {
  std::vector<survivor> survivors(connections);
  std::memset(static_cast<void*>(survivors.data()), 1, connections * sizeof(survivor));
  const resident_growth growth;
  for (std::size_t i = 0; i < connections; ++i) {
    survivors[i] = Connections::leave_survivor(i, bytes);
    ASSERT_NE(survivors[i].at, nullptr);
    std::memset(survivors[i].at, static_cast<int>(i % 251), bytes);
  }
  for (std::size_t i = 0; i < connections; ++i) {
    Connections::free(Connections::leave_survivor(i, bytes), bytes);
  }
  EXPECT_TRUE(harness::idle_memory_goes());
  EXPECT_LE(growth.bytes(),
            static_cast<std::ptrdiff_t>(connections * (bytes + per_survivor_bytes) + 8 * mib));
  for (std::size_t i = 0; i < connections; ++i) {
    ASSERT_TRUE(is_intact(survivors[i].at, i, bytes)) << i;
    Connections::free(survivors[i], bytes);
  }
  EXPECT_TRUE(harness::idle_memory_goes());
  EXPECT_LE(growth.bytes(), static_cast<std::ptrdiff_t>(8 * mib));
  EXPECT_EQ(connarena::process().arenas_draining, 0u);
}

class bookkeeping : public ::testing::TestWithParam<std::size_t> {};

TEST_P(bookkeeping, of_a_million_closed_handles_is_bounded) {
  expect_bookkeeping_is_bounded<c_connections>(GetParam());
}

TEST_P(bookkeeping, of_a_million_closed_arena_pointers_is_bounded) {
  expect_bookkeeping_is_bounded<pointer_connections>(GetParam());
}

INSTANTIATE_TEST_SUITE_P(size_class, bookkeeping, ::testing::Values(64, 320));

}  // namespace
