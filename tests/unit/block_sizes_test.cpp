// Sizes from nothing to well past the largest class, and alignments to 8 MiB,
// through every arena.
#include <cstdint>
#include <set>
#include <vector>

#include "harness/arenas.hpp"
#include "harness/pattern.hpp"

namespace {

using harness::holds_pattern;
using harness::write_pattern;

constexpr std::size_t largest_bytes = std::size_t{9} << 20;

struct block {
  void* at;
  std::size_t bytes;
  std::size_t alignment;
};

/// Every size to past a page, then each power of two with its neighbours and
/// with the header that a protocol puts before a payload.
std::vector<std::size_t> interesting_sizes() {
  std::vector<std::size_t> sizes;
  for (std::size_t bytes = 1; bytes <= 4200; ++bytes) sizes.push_back(bytes);
  for (std::size_t power = 8192; power <= largest_bytes; power *= 2) {
    for (const std::size_t bytes : {power - 1, power, power + 1, power + 40, power + power / 2}) {
      sizes.push_back(bytes);
    }
  }
  return sizes;
}

bool is_aligned(const void* at, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(at) % alignment == 0;
}

template <typename Arena>
void deallocate_all(Arena& arena, const std::vector<block>& blocks) {
  for (const block& each : blocks) arena.deallocate(each.at, each.bytes, each.alignment);
}

template <typename Arena>
class block_sizes : public ::testing::Test {};
TYPED_TEST_SUITE(block_sizes, harness::all_arenas);

TYPED_TEST(block_sizes, every_size_is_aligned_writable_and_apart) {
  TypeParam arena;
  std::vector<block> blocks;
  for (const std::size_t bytes : interesting_sizes()) {
    void* at = arena.allocate(bytes);
    ASSERT_NE(at, nullptr) << bytes;
    ASSERT_TRUE(is_aligned(at, 16)) << bytes;
    write_pattern(at, bytes, bytes);
    blocks.push_back({at, bytes, 16});
  }
  for (const block& each : blocks) {
    ASSERT_TRUE(holds_pattern(each.at, each.bytes, each.bytes)) << each.bytes;
  }
  deallocate_all(arena, blocks);
}

TYPED_TEST(block_sizes, every_alignment_to_8_mib_holds) {
  TypeParam arena;
  std::vector<block> blocks;
  for (std::size_t alignment = 1; alignment <= (std::size_t{8} << 20); alignment *= 2) {
    for (const std::size_t bytes :
         {std::size_t{1}, std::size_t{100}, std::size_t{5000}, std::size_t{70000}}) {
      void* at = arena.allocate(bytes, alignment);
      ASSERT_NE(at, nullptr) << bytes << " aligned to " << alignment;
      ASSERT_TRUE(is_aligned(at, alignment)) << bytes << " aligned to " << alignment;
      write_pattern(at, bytes, alignment + bytes);
      blocks.push_back({at, bytes, alignment});
    }
  }
  for (const block& each : blocks) {
    ASSERT_TRUE(holds_pattern(each.at, each.bytes, each.alignment + each.bytes));
  }
  deallocate_all(arena, blocks);
}

TYPED_TEST(block_sizes, size_zero_gives_distinct_blocks) {
  TypeParam arena;
  std::set<void*> seen;
  for (int i = 0; i < 100; ++i) {
    void* at = arena.allocate(0);
    ASSERT_NE(at, nullptr);
    ASSERT_TRUE(seen.insert(at).second);
  }
  for (void* at : seen) arena.deallocate(at, 0);
}

TYPED_TEST(block_sizes, absurd_size_fails_and_arena_stays_usable) {
  TypeParam arena;
  for (const std::size_t bytes : {SIZE_MAX, SIZE_MAX - 15, SIZE_MAX - 4095, SIZE_MAX / 2,
                                  SIZE_MAX / 2 + 1, std::size_t{1} << 46}) {
    EXPECT_EQ(arena.allocate(bytes), nullptr) << bytes;
    EXPECT_EQ(arena.allocate(bytes, 4096), nullptr) << bytes;
  }
  void* at = arena.allocate(100);
  ASSERT_NE(at, nullptr);
  arena.deallocate(at, 100);
}

TYPED_TEST(block_sizes, freed_blocks_are_reused_without_growth) {
  TypeParam arena;
  const auto churn = [&arena](int rounds) {
    for (int round = 0; round < rounds; ++round) {
      std::vector<block> blocks;
      for (const std::size_t bytes : {24u, 48u, 100u, 700u, 1500u, 3000u, 5000u, 66000u}) {
        blocks.push_back({arena.allocate(bytes), bytes, 16});
      }
      deallocate_all(arena, blocks);
    }
  };
  churn(10);
  const std::size_t footprint_bytes = arena.stats().footprint_bytes;
  churn(10000);
  // What survivors of other tests left room for may go meanwhile: a span comes instead.
  EXPECT_LE(arena.stats().footprint_bytes, footprint_bytes + 65536);
}

}  // namespace
