// steady_state.hpp - times what is done again and again once it has settled, and counts
// beside the time what it asks of the kernel: an allocator that gives up memory which is
// wanted again pays in faults and calls.
#pragma once

#include "works/figures.hpp"
#include "works/process_memory.hpp"
#include "works/system_calls.hpp"

namespace micro {

/// Each turn does so many operations.
template <contender Heap, typename Turn>
void time_steady_state(benchmark::State& state, double operations, Turn turn) {
  constexpr int settling_turns = 20;
  constexpr int traced_turns = 20;
  for (int i = 0; i < settling_turns; ++i) turn();
  const std::size_t faults_before = page_faults();
  for (auto _ : state) turn();
  const auto faults = static_cast<double>(page_faults() - faults_before);
  set_figures<Heap>(state, operations);
  state.counters["page_faults"] = faults / operations / static_cast<double>(state.iterations());
  const double calls = system_calls_in([&] {
    for (int i = 0; i < traced_turns; ++i) turn();
  });
  if (calls >= 0) state.counters["system_calls"] = calls / operations / traced_turns;
}

}  // namespace micro
