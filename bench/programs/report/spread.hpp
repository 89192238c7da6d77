// spread.hpp - a figure over several rounds: its median, and how far that may be off.
#pragma once

#include <cstddef>
#include <vector>

namespace demo {

struct spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

/// From the least value to the most.   Pre: not empty.
[[nodiscard]] spread range_of(std::vector<double> values);

/// The 95% interval of the median by order statistics, which asks nothing of how the
/// values are distributed: of ten, from the second least to the second most. Up to
/// five values cannot tell so much, and up to eight need the whole range.
/// Pre: not empty.
[[nodiscard]] spread median_interval(std::vector<double> values);

/// The interval is from the rank-th least to the rank-th most of so many values: the
/// largest rank at which it misses the median at most once in 20 times, and at least 1.
/// Pre: 0 < count <= 1000.
[[nodiscard]] std::size_t median_interval_rank(std::size_t count);

}  // namespace demo
