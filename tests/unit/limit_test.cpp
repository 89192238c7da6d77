// A limit is charged by footprint; reaching it fails the request, not the arena.
#include <vector>

#include "harness/arenas.hpp"

namespace {

constexpr std::size_t limit_bytes = std::size_t{1} << 20;

template <typename Arena>
class limit : public ::testing::Test {};
TYPED_TEST_SUITE(limit, harness::all_arenas);

template <typename Arena>
std::vector<void*> fill(Arena& arena, std::size_t bytes) {
  std::vector<void*> blocks;
  while (blocks.size() * bytes <= 2 * limit_bytes) {
    void* at = arena.allocate(bytes);
    if (at == nullptr) break;
    blocks.push_back(at);
  }
  return blocks;
}

template <typename Arena>
void expect_limit_holds_for(std::size_t bytes) {
  Arena arena(limit_bytes);
  // With it the room that an arena begins with stays: idle memory may go at any time.
  ASSERT_NE(arena.allocate(1), nullptr);
  std::vector<void*> blocks = fill(arena, bytes);
  EXPECT_LE(blocks.size() * bytes, limit_bytes);
  EXPECT_GE(blocks.size() * bytes, limit_bytes / 2) << "the limit came too early";
  EXPECT_LE(arena.stats().footprint_bytes, limit_bytes);
  EXPECT_LE(arena.stats().peak_bytes, limit_bytes);

  ASSERT_FALSE(blocks.empty());
  arena.deallocate(blocks.back(), bytes);
  blocks.back() = arena.allocate(bytes);
  EXPECT_NE(blocks.back(), nullptr) << "a freed block makes room for another";

  for (void* at : blocks) arena.deallocate(at, bytes);
  EXPECT_GE(fill(arena, bytes).size() + 1, blocks.size()) << "all of it is there again";
}

TYPED_TEST(limit, reached_by_small_blocks_fails_and_stays_usable) {
  expect_limit_holds_for<TypeParam>(64);
}

TYPED_TEST(limit, reached_by_middling_blocks_fails_and_stays_usable) {
  expect_limit_holds_for<TypeParam>(1000);
}

TYPED_TEST(limit, reached_by_pages_fails_and_stays_usable) {
  expect_limit_holds_for<TypeParam>(64 * 1024);
}

TYPED_TEST(limit, has_room_for_other_sizes_when_blocks_are_freed) {
  TypeParam face(limit_bytes);
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t bytes : {std::size_t{64}, limit_bytes * 7 / 8, std::size_t{1000}}) {
      const std::vector<void*> blocks = fill(face, bytes);
      EXPECT_GE(blocks.size() * bytes, limit_bytes * 3 / 4) << bytes;
      for (void* at : blocks) face.deallocate(at, bytes);
    }
  }
}

TYPED_TEST(limit, request_above_it_fails) {
  TypeParam arena(limit_bytes);
  EXPECT_EQ(arena.allocate(limit_bytes + 1), nullptr);
  EXPECT_EQ(arena.allocate(limit_bytes + 1, 2 * limit_bytes), nullptr);
  EXPECT_NE(arena.allocate(limit_bytes / 2), nullptr);
}

TYPED_TEST(limit, release_makes_room) {
  TypeParam arena(limit_bytes);
  const std::size_t first = fill(arena, 512).size();
  arena.release();
  EXPECT_EQ(fill(arena, 512).size(), first);
}

TEST(limit, pmr_container_gets_bad_alloc_and_keeps_its_contents) {
  connarena::arena arena({limit_bytes, "small"});
  std::pmr::vector<char> buffer(1000, 'x', &arena);
  EXPECT_THROW(buffer.resize(4 * limit_bytes), std::bad_alloc);
  EXPECT_EQ(buffer, std::pmr::vector<char>(1000, 'x'));
  buffer.resize(2000);
}

}  // namespace
