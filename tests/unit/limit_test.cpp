// A limit is charged by footprint; reaching it fails the request, not the arena.
#include <vector>

#include "harness/faces.hpp"

namespace {

constexpr std::size_t limit_bytes = std::size_t{1} << 20;

template <typename Face>
class limit : public ::testing::Test {};
TYPED_TEST_SUITE(limit, harness::all_faces);

template <typename Face>
std::vector<void*> fill(Face& face, std::size_t bytes) {
  std::vector<void*> blocks;
  while (blocks.size() * bytes <= 2 * limit_bytes) {
    void* at = face.allocate(bytes);
    if (at == nullptr) break;
    blocks.push_back(at);
  }
  return blocks;
}

template <typename Face>
void expect_limit_holds_for(std::size_t bytes) {
  Face face(limit_bytes);
  std::vector<void*> blocks = fill(face, bytes);
  EXPECT_LE(blocks.size() * bytes, limit_bytes);
  EXPECT_GE(blocks.size() * bytes, limit_bytes / 2) << "the limit came too early";
  EXPECT_LE(face.stats().footprint_bytes, limit_bytes);
  EXPECT_LE(face.stats().peak_bytes, limit_bytes);

  ASSERT_FALSE(blocks.empty());
  face.deallocate(blocks.back(), bytes);
  blocks.back() = face.allocate(bytes);
  EXPECT_NE(blocks.back(), nullptr) << "a freed block makes room for another";

  for (void* at : blocks) face.deallocate(at, bytes);
  EXPECT_GE(fill(face, bytes).size() + 1, blocks.size()) << "all of it is there again";
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

TYPED_TEST(limit, request_above_it_fails) {
  TypeParam face(limit_bytes);
  EXPECT_EQ(face.allocate(limit_bytes + 1), nullptr);
  EXPECT_EQ(face.allocate(limit_bytes + 1, 2 * limit_bytes), nullptr);
  EXPECT_NE(face.allocate(limit_bytes / 2), nullptr);
}

TYPED_TEST(limit, release_makes_room) {
  TypeParam face(limit_bytes);
  const std::size_t first = fill(face, 512).size();
  face.release();
  EXPECT_EQ(fill(face, 512).size(), first);
}

TEST(limit, pmr_container_gets_bad_alloc_and_keeps_its_contents) {
  connarena::arena arena({limit_bytes, "small"});
  std::pmr::vector<char> buffer(1000, 'x', &arena);
  EXPECT_THROW(buffer.resize(4 * limit_bytes), std::bad_alloc);
  EXPECT_EQ(buffer, std::pmr::vector<char>(1000, 'x'));
  buffer.resize(2000);
}

}  // namespace
