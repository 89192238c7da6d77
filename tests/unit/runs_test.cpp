// Blocks of a page and more: they waste little, keep what they hold where they share
// the system's pages with others, and are found from any address inside.
#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

#include "harness/pattern.hpp"

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

TEST(runs, of_a_little_more_than_a_page_waste_less_than_a_kibibyte) {
  const connarena_t arena = connarena_create(nullptr);
  for (std::size_t bytes = 4 * kib; bytes <= 64 * kib; bytes += 333) {
    void* const block = connarena_malloc(arena, bytes);
    EXPECT_LT(connarena_usable_size(block), bytes + kib);
    connarena_free(block);
  }
  connarena_destroy(arena);
}

TEST(runs, keep_what_they_hold_when_their_neighbours_return_to_the_system) {
  const connarena_t arena = connarena_create(nullptr);
  constexpr std::size_t bytes = 5 * kib;
  // A third of them is more than the process may keep.
  std::vector<unsigned char*> blocks(12000);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    blocks[i] = static_cast<unsigned char*>(connarena_malloc(arena, bytes));
    harness::write_pattern(blocks[i], bytes, i);
  }
  for (const std::size_t step : {2U, 3U}) {
    for (std::size_t i = 0; i < blocks.size(); i += step) connarena_free(blocks[i]);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (i % step == 0) {
        blocks[i] = static_cast<unsigned char*>(connarena_calloc(arena, 1, bytes));
        for (std::size_t at = 0; at < bytes; ++at) ASSERT_EQ(blocks[i][at], 0);
        harness::write_pattern(blocks[i], bytes, i);
      } else {
        ASSERT_TRUE(harness::holds_pattern(blocks[i], bytes, bytes, i));
      }
    }
  }
  connarena_destroy(arena);
}

// Three kibibytes between two runs that stay would be of no use to anybody.
TEST(runs, are_cut_where_the_rest_is_long_enough_for_another) {
  const connarena_t arena = connarena_create(nullptr);
  const auto block = [&](std::size_t bytes) {
    return static_cast<char*>(connarena_malloc(arena, bytes));
  };
  char* const longer = block(128 * kib);
  char* const between = block(64 * kib);
  char* const shorter = block(80 * kib);
  char* const behind = block(64 * kib);
  connarena_free(longer);
  char* const cut = block(62 * kib);
  const bool are_neighbours = between == longer + 128 * kib && shorter == between + 64 * kib;
  if (!are_neighbours || behind != shorter + 80 * kib || cut != longer) {
    GTEST_SKIP() << "other tests of this process left what fits better";
  }
  connarena_free(shorter);
  char* const next = block(63 * kib);  // 66 are left of the longer one
  EXPECT_NE(next, cut + 62 * kib);
  for (char* each : {between, behind, cut, next}) connarena_free(each);
  connarena_destroy(arena);
}

std::size_t offset_in_page(const void* block) {
  return reinterpret_cast<std::uintptr_t>(block) % (4 * kib);
}

// Else they compete for the same few sets of a cache.
TEST(runs, start_at_many_places_of_their_pages) {
  const connarena_t arena = connarena_create(nullptr);
  for (const std::size_t bytes : {7 * kib + 1, 99 * kib + 1, 999 * kib + 1}) {
    std::set<std::size_t> places;
    for (int i = 0; i < 100; ++i) {
      void* const block = connarena_malloc(arena, bytes);
      EXPECT_GE(connarena_usable_size(block), bytes);
      places.insert(offset_in_page(block));
    }
    EXPECT_GE(places.size(), 10U) << bytes;
  }
  connarena_destroy(arena);
}

TEST(runs, that_fill_their_pages_waste_nothing) {
  const connarena_t arena = connarena_create(nullptr);
  for (const std::size_t bytes : {4 * kib, 5 * kib, 64 * kib, 128 * kib}) {
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(connarena_usable_size(connarena_malloc(arena, bytes)), bytes);
    }
  }
  connarena_destroy(arena);
}

TEST(runs, keep_what_they_hold_wherever_they_start_as_they_grow_and_shrink) {
  const connarena_t arena = connarena_create(nullptr);
  constexpr std::size_t bytes = 40 * kib + 1;
  std::vector<void*> blocks(20);
  std::set<std::size_t> places;
  for (void*& block : blocks) {
    block = connarena_malloc(arena, bytes);
    places.insert(offset_in_page(block));
    harness::write_pattern(static_cast<unsigned char*>(block), bytes, 1);
  }
  EXPECT_GT(places.size(), 4U);
  for (void* block : blocks) {
    for (std::size_t now = bytes; now < 300 * kib; now += now / 9) {
      block = connarena_realloc(arena, block, now);
      ASSERT_GE(connarena_usable_size(block), now);
    }
    block = connarena_realloc(arena, block, bytes);
    ASSERT_TRUE(harness::holds_pattern(static_cast<unsigned char*>(block), bytes, bytes, 1));
    connarena_free(block);
  }
  connarena_destroy(arena);
}

TEST(runs, refuse_to_grow_beyond_any_address_wherever_they_start) {
  const connarena_t arena = connarena_create(nullptr);
  for (int i = 0; i < 20; ++i) {
    void* const block = connarena_malloc(arena, 40 * kib + 1);
    const std::size_t usable = connarena_usable_size(block);
    for (const std::size_t less : {0U, 63U, 500U, 2000U}) {
      EXPECT_EQ(connarena_realloc(arena, block, SIZE_MAX - less), nullptr);
    }
    EXPECT_EQ(connarena_usable_size(block), usable);
  }
  connarena_destroy(arena);
}

class run_of : public ::testing::TestWithParam<std::size_t> {};

TEST_P(run_of, a_length_is_found_from_any_address_inside) {
  const std::size_t bytes = GetParam();
  const connarena_t before = connarena_create(nullptr);
  const connarena_t arena = connarena_create(nullptr);
  // Of all places that a run can start at between two marked pages.
  for (int place = 0; place < 8; ++place) {
    const auto* const neighbour = static_cast<const char*>(connarena_malloc(before, 5 * kib));
    const auto* const block = static_cast<const char*>(connarena_malloc(arena, bytes));
    ASSERT_NE(block, nullptr);
    ASSERT_EQ(connarena_of(neighbour + 5 * kib - 1), before);
    for (std::size_t at = 0; at < bytes; at += bytes / 1000 + 1) {
      ASSERT_EQ(connarena_of(block + at), arena) << at;
    }
    ASSERT_EQ(connarena_of(block + bytes - 1), arena);
  }
  connarena_destroy(arena);
  connarena_destroy(before);
}

INSTANTIATE_TEST_SUITE_P(lengths, run_of,
                         ::testing::Values(5 * kib, 64 * kib, 100 * kib, 5 * mib, 600 * mib));

TEST(runs, are_found_from_any_address_after_they_grew_and_shrank) {
  const connarena_t arena = connarena_create(nullptr);
  char* block = static_cast<char*>(connarena_malloc(arena, 50 * kib));
  for (const std::size_t bytes : {100 * kib, 9 * mib, 300 * mib, 70 * mib, 90 * kib, 20 * kib}) {
    block = static_cast<char*>(connarena_realloc(arena, block, bytes));
    ASSERT_NE(block, nullptr);
    for (std::size_t at = 0; at < bytes; at += bytes / 1000 + 1) {
      ASSERT_EQ(connarena_of(block + at), arena) << bytes << ' ' << at;
    }
  }
  // What it was longer by is nobody's.
  connarena_free(block);
  EXPECT_EQ(connarena_of(block + 10 * kib), 0U);
  connarena_destroy(arena);
}

}  // namespace
