// payload_plus_header.hpp - a message of 1 MiB with 40 B of header, again and
// again: where size classes miss it, each costs fresh pages.
#pragma once

#include "works/figures.hpp"
#include "works/process_memory.hpp"

namespace micro {

inline constexpr std::size_t message_bytes = (std::size_t{1} << 20) + 40;

template <contender Heap>
void one_message(Heap& heap) {
  void* message = heap.allocate(message_bytes);
  touch_pages(message, 0, message_bytes);
  heap.deallocate(message, message_bytes);
}

template <contender Heap>
void payload_plus_header(benchmark::State& state) {
  // Some mallocs learn from the first frees; the steady state is what counts.
  constexpr int warm_messages = 16;
  Heap heap;
  heap.open();
  for (int i = 0; i < warm_messages; ++i) one_message(heap);
  const std::size_t faults_before = page_faults();
  for (auto _ : state) one_message(heap);
  const auto faults = static_cast<double>(page_faults() - faults_before);
  heap.close();
  set_figures<Heap>(state, 1);
  const double faults_each = faults / static_cast<double>(state.iterations());
  state.counters["page_faults"] = faults_each;
  state.counters["taken_bytes"] = faults_each * page_bytes;
}

template <contender Heap>
void register_payload_plus_header() {
  if constexpr (Heap::can.frees_blocks) {
    benchmark::RegisterBenchmark(name_of<Heap>("payload_plus_header").c_str(),
                                 payload_plus_header<Heap>);
  }
}

}  // namespace micro
