// close_live.hpp - close with 100,000 live blocks, of 6 MB and of 27 MB in all.
//
// Only the close is timed. What is no longer resident when it returns is
// reported, so that those who return memory are compared with their like.
#pragma once

#include <chrono>

#include "works/figures.hpp"
#include "works/process_memory.hpp"
#include "works/sequences.hpp"

namespace micro {

inline constexpr std::size_t close_blocks = 100'000;

struct close_load {
  const char* name;
  std::uint32_t largest_bytes;  // with 16 the smallest
};
inline constexpr close_load close_loads[] = {{"close_live.6MB", 104}, {"close_live.27MB", 524}};

/// A connection with all its blocks alive, ended again and again.
template <contender Heap>
class laden_connection {
 public:
  explicit laden_connection(std::uint32_t largest_bytes)
      : sizes_(uniform_sizes(close_blocks, 16, largest_bytes)), blocks_(close_blocks) {}

  void open() {
    heap_.open();
    for (std::size_t i = 0; i < close_blocks; ++i) {
      blocks_[i] = heap_.allocate(sizes_[i]);
      std::memset(blocks_[i], 1, sizes_[i]);
    }
  }
  void close() {
    for (std::size_t i = 0; i < close_blocks; ++i) give_back_at_close(heap_, blocks_[i], sizes_[i]);
    heap_.close();
  }

 private:
  Heap heap_;
  std::vector<std::uint32_t> sizes_;
  std::vector<void*> blocks_;
};

template <contender Heap>
void close_live(benchmark::State& state, std::uint32_t largest_bytes) {
  using clock = std::chrono::steady_clock;
  laden_connection<Heap> connection(largest_bytes);
  double returned_bytes = 0;
  // glibc returns memory until the first large free has raised its thresholds.
  for (int i = 0; i < 2; ++i) {
    connection.open();
    connection.close();
  }
  for (auto _ : state) {
    connection.open();
    const auto laden_bytes = static_cast<double>(resident_bytes());
    const auto start = clock::now();
    connection.close();
    state.SetIterationTime(std::chrono::duration<double>(clock::now() - start).count());
    returned_bytes += laden_bytes - static_cast<double>(resident_bytes());
  }
  set_figures<Heap>(state, 1);
  state.counters["returned_bytes"] = returned_bytes / static_cast<double>(state.iterations());
}

template <contender Heap>
void register_close_live() {
  // A fixed number: filling takes up to a thousand times longer than what is timed.
  constexpr int closes = 15;
  for (const close_load& load : close_loads) {
    benchmark::RegisterBenchmark(
        name_of<Heap>(load.name).c_str(),
        [&load](benchmark::State& state) { close_live<Heap>(state, load.largest_bytes); })
        ->UseManualTime()
        ->Iterations(closes);
  }
}

}  // namespace micro
