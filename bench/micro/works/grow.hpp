// grow.hpp - a connection's one block grows from 4 KiB by halves to 4 or 16 MiB
// and is closed. A resource without realloc grows by copying, as its users must.
#pragma once

#include <algorithm>

#include "works/figures.hpp"
#include "works/process_memory.hpp"

namespace micro {

inline constexpr std::size_t grow_first_bytes = 4 * 1024;

struct grow_target {
  const char* name;
  std::size_t last_bytes;
};
inline constexpr grow_target grow_targets[] = {{"grow.4MiB", std::size_t{4} << 20},
                                               {"grow.16MiB", std::size_t{16} << 20}};

template <contender Heap>
[[nodiscard]] void* grown_block(Heap& heap, std::size_t last_bytes) {
  std::size_t size = grow_first_bytes;
  void* block = heap.allocate(size);
  touch_pages(block, 0, size);
  while (size < last_bytes) {
    const std::size_t larger = std::min(size + size / 2, last_bytes);
    block = resize(heap, block, size, larger);
    touch_pages(block, size, larger);
    size = larger;
  }
  return block;
}

template <contender Heap>
void close_with(Heap& heap, void* block, std::size_t size) {
  give_back_at_close(heap, block, size);
  heap.close();
}

/// What one growing connection gives back as it closes. Outside the timed loop:
/// to ask the kernel takes as long as to grow.
template <contender Heap>
[[nodiscard]] double returned_at_close(Heap& heap, std::size_t last_bytes) {
  heap.open();
  void* block = grown_block(heap, last_bytes);
  const auto grown_bytes = static_cast<double>(resident_bytes());
  close_with(heap, block, last_bytes);
  return grown_bytes - static_cast<double>(resident_bytes());
}

template <contender Heap>
void grow(benchmark::State& state, std::size_t last_bytes) {
  Heap heap;
  const double returned_bytes = returned_at_close(heap, last_bytes);
  const std::size_t faults_before = page_faults();
  for (auto _ : state) {
    heap.open();
    close_with(heap, grown_block(heap, last_bytes), last_bytes);
  }
  const auto faults = static_cast<double>(page_faults() - faults_before);
  set_figures<Heap>(state, 1);
  // Who grows by copying is like the empty loop that copies.
  state.counters["empty_loop"] = reallocating<Heap> ? like_empty_freeing : like_empty;
  state.counters["returned_bytes"] = returned_bytes;
  state.counters["page_faults"] = faults / static_cast<double>(state.iterations());
}

template <contender Heap>
void register_grow() {
  for (const grow_target& target : grow_targets) {
    benchmark::RegisterBenchmark(
        name_of<Heap>(target.name).c_str(),
        [&target](benchmark::State& state) { grow<Heap>(state, target.last_bytes); });
  }
}

}  // namespace micro
