// handoff.hpp - one thread allocates blocks of 64 B to 16 KiB, another frees them.
#pragma once

#include <memory>
#include <thread>

#include "works/batch_ring.hpp"
#include "works/figures.hpp"
#include "works/sequences.hpp"

namespace micro {

template <contender Heap>
void free_all_of(batch_ring& ring, Heap& heap) {
  while (batch* full = ring.to_empty()) {
    for (std::size_t i = 0; i < batch_blocks; ++i) {
      heap.deallocate(full->blocks[i], full->sizes[i]);
    }
    ring.emptied();
  }
}

template <contender Heap>
void fill(batch& place, Heap& heap, const std::uint32_t* sizes) {
  place.sizes = sizes;
  for (std::size_t i = 0; i < batch_blocks; ++i) {
    place.blocks[i] = touched(heap.allocate(sizes[i]));
  }
}

template <contender Heap>
void handoff(benchmark::State& state) {
  constexpr std::size_t batches = 256;
  static const auto sizes = logarithmic_sizes(batches * batch_blocks, 64, 16 * 1024);
  Heap heap;
  heap.open();
  const auto ring = std::make_unique<batch_ring>();
  std::thread freeing([&] { free_all_of(*ring, heap); });
  std::size_t turn = 0;
  for (auto _ : state) {
    fill(ring->to_fill(), heap, &sizes[turn * batch_blocks]);
    ring->filled();
    turn = (turn + 1) % batches;
  }
  ring->finish();
  freeing.join();
  heap.close();
  set_figures<Heap>(state, batch_blocks);
}

template <contender Heap>
void register_handoff() {
  if constexpr (Heap::can.frees_blocks && Heap::can.any_thread_frees) {
    benchmark::RegisterBenchmark(name_of<Heap>("handoff").c_str(), handoff<Heap>)->UseRealTime();
  }
}

}  // namespace micro
