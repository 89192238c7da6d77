// figures.hpp - the counters of each benchmark that the report reads.
#pragma once

#include <benchmark/benchmark.h>

#include "works/contender.hpp"

namespace micro {

/// Which of the two empty loops a contender's loop is like.
inline constexpr double like_empty = 0;
inline constexpr double like_empty_freeing = 1;

/// How many operations one iteration did, by which the report divides, and the
/// empty loop that it subtracts.
template <contender Heap>
void set_figures(benchmark::State& state, double operations) {
  state.counters["operations"] = operations;
  state.counters["empty_loop"] = Heap::can.closes_wholesale ? like_empty : like_empty_freeing;
}

}  // namespace micro
