// short_connection.hpp - open, 64 blocks of 16 to 1,024 B, close.
#pragma once

#include <array>

#include "works/figures.hpp"
#include "works/sequences.hpp"

namespace micro {

inline constexpr std::size_t short_blocks = 64;

template <contender Heap>
void one_short_connection(Heap& heap, const std::uint32_t* sizes) {
  std::array<void*, short_blocks> blocks;
  heap.open();
  for (std::size_t i = 0; i < short_blocks; ++i) blocks[i] = touched(heap.allocate(sizes[i]));
  benchmark::DoNotOptimize(blocks);
  for (std::size_t i = 0; i < short_blocks; ++i) give_back_at_close(heap, blocks[i], sizes[i]);
  heap.close();
}

template <contender Heap>
void short_connection(benchmark::State& state) {
  constexpr std::size_t connections = 128;  // different ones, in turn
  static const auto sizes = logarithmic_sizes(connections * short_blocks, 16, 1024);
  Heap heap;
  std::size_t turn = 0;
  for (auto _ : state) {
    one_short_connection(heap, &sizes[turn * short_blocks]);
    turn = (turn + 1) % connections;
  }
  set_figures<Heap>(state, 1);
}

template <contender Heap>
void register_short_connection() {
  benchmark::RegisterBenchmark(name_of<Heap>("short_connection").c_str(), short_connection<Heap>);
}

}  // namespace micro
