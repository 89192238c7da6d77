// The sizes of small blocks.
#include "heap/size_classes.hpp"

#include <gtest/gtest.h>

namespace {

using connarena::class_bytes;
using connarena::class_count;
using connarena::class_of;
using connarena::max_small_bytes;
using connarena::size_class;

TEST(size_classes, cover_every_small_size_with_the_smallest_class_that_fits) {
  for (std::size_t bytes = 0; bytes <= max_small_bytes; ++bytes) {
    const size_class chosen = class_of(bytes);
    ASSERT_LT(chosen, class_count);
    ASSERT_GE(class_bytes(chosen), bytes);
    if (chosen > 0) {
      ASSERT_LT(class_bytes(static_cast<size_class>(chosen - 1)), bytes);
    }
  }
}

TEST(size_classes, waste_at_most_a_fifth_above_128_bytes) {
  for (std::size_t bytes = 129; bytes <= max_small_bytes; ++bytes) {
    ASSERT_LE(class_bytes(class_of(bytes)) - bytes, class_bytes(class_of(bytes)) / 5) << bytes;
  }
}

TEST(size_classes, within_a_gap_is_the_largest_that_fits) {
  for (std::size_t granules = 1; granules <= connarena::page_granules; ++granules) {
    const size_class fits = connarena::class_within_granules[granules];
    ASSERT_LE(connarena::class_granules[fits], granules);
    if (fits + 1u < class_count) {
      ASSERT_GT(connarena::class_granules[fits + 1u], granules);
    }
  }
}

}  // namespace
