// Releasing ends every block at once; the arena stays usable.
#include <list>
#include <string>

#include "harness/arenas.hpp"
#include "harness/pattern.hpp"

namespace {

template <typename Arena>
class release : public ::testing::Test {};
TYPED_TEST_SUITE(release, harness::all_arenas);

template <typename Arena>
void fill_with_all_kinds(Arena& arena) {
  for (int round = 0; round < 50; ++round) {
    for (const std::size_t bytes : {16u, 100u, 1000u, 3500u, 5000u, 100000u}) {
      void* at = arena.allocate(bytes);
      ASSERT_NE(at, nullptr);
      harness::write_pattern(at, bytes, bytes);
      if (round % 3 == 0) arena.deallocate(at, bytes);
    }
  }
}

TYPED_TEST(release, empties_the_arena) {
  TypeParam arena;
  fill_with_all_kinds(arena);
  arena.release();
  EXPECT_EQ(arena.stats().live_bytes, 0u);
  EXPECT_LE(arena.stats().footprint_bytes, 64u * 1024);
}

TYPED_TEST(release, twice_is_harmless) {
  TypeParam arena;
  fill_with_all_kinds(arena);
  arena.release();
  arena.release();
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

TYPED_TEST(release, of_an_untouched_arena_is_harmless) {
  TypeParam arena;
  arena.release();
  EXPECT_NE(arena.allocate(100), nullptr);
}

TYPED_TEST(release, leaves_the_arena_usable_many_times) {
  TypeParam arena;
  for (int round = 0; round < 100; ++round) {
    fill_with_all_kinds(arena);
    arena.release();
  }
  const std::size_t bytes = 300;
  void* at = arena.allocate(bytes);
  ASSERT_NE(at, nullptr);
  harness::write_pattern(at, bytes, 1);
  EXPECT_TRUE(harness::holds_pattern(at, bytes, 1));
}

TEST(arena, release_needs_no_destructor_of_an_element) {
  connarena::arena arena;
  using list_of_strings = std::pmr::list<std::pmr::string>;
  void* place = arena.allocate(sizeof(list_of_strings), alignof(list_of_strings));
  auto* strings = new (place) list_of_strings(&arena);
  for (int i = 0; i < 1000; ++i) strings->emplace_back(static_cast<std::size_t>(i), 'x');
  arena.release();
  EXPECT_EQ(arena.stats().live_bytes, 0u);
}

}  // namespace
