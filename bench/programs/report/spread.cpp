#include "report/spread.hpp"

#include <algorithm>
#include <cmath>

namespace demo {
namespace {

/// Pre: 1 <= rank <= values.size().
spread between_ranks(std::vector<double> values, std::size_t rank) {
  std::sort(values.begin(), values.end());
  const std::size_t count = values.size();
  const double median = (values[(count - 1) / 2] + values[count / 2]) / 2;
  return {median, values[rank - 1], values[count - rank]};
}

}  // namespace

spread range_of(std::vector<double> values) { return between_ranks(std::move(values), 1); }

spread median_interval(std::vector<double> values) {
  const std::size_t rank = median_interval_rank(values.size());
  return between_ranks(std::move(values), rank);
}

std::size_t median_interval_rank(std::size_t count) {
  constexpr double missed_on_a_side = 0.025;
  // Each value is below the median or not, as a coin falls: the rank-th least is above
  // the median if fewer than `rank` are below it.
  double exactly = std::pow(0.5, static_cast<double>(count));
  double fewer_than_rank = exactly;
  std::size_t rank = 1;
  while (true) {
    exactly *= static_cast<double>(count - rank + 1) / static_cast<double>(rank);
    fewer_than_rank += exactly;
    if (fewer_than_rank > missed_on_a_side) return rank;
    ++rank;
  }
}

}  // namespace demo
