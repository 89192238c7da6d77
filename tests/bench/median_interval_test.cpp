// The interval of the median by order statistics, against the binomial table.
#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "report/spread.hpp"

namespace {

/// How likely a fair coin falls heads fewer than `rank` times of `count`.
double tail(std::size_t count, std::size_t rank) {
  double sum = 0;
  double chosen = 1;
  for (std::size_t heads = 0; heads < rank; ++heads) {
    sum += chosen;
    chosen = chosen * static_cast<double>(count - heads) / static_cast<double>(heads + 1);
  }
  return sum / std::pow(2.0, static_cast<double>(count));
}

TEST(median_interval, ranks_are_those_of_the_published_table) {
  const std::vector<std::pair<std::size_t, std::size_t>> table = {
      {6, 1}, {8, 1}, {9, 2}, {10, 2}, {11, 2}, {12, 3}, {15, 4}, {20, 6}, {25, 8}, {30, 10}};
  for (const auto& [count, rank] : table) {
    EXPECT_EQ(demo::median_interval_rank(count), rank) << "of " << count;
  }
}

TEST(median_interval, rank_is_the_largest_that_misses_at_most_once_in_twenty) {
  for (std::size_t count = 6; count <= 100; ++count) {
    const std::size_t rank = demo::median_interval_rank(count);
    EXPECT_LE(2 * tail(count, rank), 0.05) << "of " << count;
    EXPECT_GT(2 * tail(count, rank + 1), 0.05) << "of " << count;
  }
}

TEST(median_interval, of_ten_leaves_out_the_least_and_the_most) {
  const demo::spread found = demo::median_interval({7, 1, 9, 3, 100, 5, 4, 8, 6, 2});
  EXPECT_DOUBLE_EQ(found.median, 5.5);
  EXPECT_DOUBLE_EQ(found.least, 2);
  EXPECT_DOUBLE_EQ(found.most, 9);
}

TEST(median_interval, of_few_values_is_their_range) {
  const demo::spread three = demo::median_interval({3, 1, 2});
  EXPECT_DOUBLE_EQ(three.median, 2);
  EXPECT_DOUBLE_EQ(three.least, 1);
  EXPECT_DOUBLE_EQ(three.most, 3);
  const demo::spread one = demo::median_interval({4});
  EXPECT_DOUBLE_EQ(one.least, 4);
  EXPECT_DOUBLE_EQ(one.most, 4);
}

}  // namespace
