// burst.hpp - some connections stay open while bursts of others come and go, the first
// that came first, each with buffers whose pages are all touched: what was given up
// between bursts is faulted in again. An operation is one connection of a burst, from its
// opening to its close.
#pragma once

#include <vector>

#include "works/figures.hpp"
#include "works/process_memory.hpp"
#include "works/steady_state.hpp"

namespace micro {

struct burst_load {
  const char* name;
  std::size_t staying;     ///< connections
  std::size_t coming;      ///< connections of a burst
  std::size_t blocks;      ///< of each connection
  std::size_t size_bytes;  ///< of each block
};
inline constexpr burst_load burst_loads[] = {
    {"burst.64KiB", 16, 64, 4, 64 * 1024},
    {"burst.1MiB", 10, 40, 1, std::size_t{1} << 20},
    {"burst.16KiB", 100, 100, 20, 16 * 1024},
};

template <contender Heap>
class buffered_connection {
 public:
  void open(const burst_load& load) {
    heap_.open();
    blocks_.resize(load.blocks);
    for (void*& block : blocks_) {
      block = heap_.allocate(load.size_bytes);
      touch_pages(block, 0, load.size_bytes);
    }
  }
  void close(const burst_load& load) {
    for (void* block : blocks_) give_back_at_close(heap_, block, load.size_bytes);
    heap_.close();
  }

 private:
  Heap heap_;
  std::vector<void*> blocks_;  // its room stays for the next one: none is timed
};

template <contender Heap>
class connections_of_burst {
 public:
  connections_of_burst(const burst_load& load, std::size_t count)
      : load_(load), connections_(count) {}

  void open() {
    for (auto& each : connections_) each.open(load_);
  }
  void close() {
    for (auto& each : connections_) each.close(load_);
  }

 private:
  const burst_load& load_;
  std::vector<buffered_connection<Heap>> connections_;
};

template <contender Heap>
void burst(benchmark::State& state, const burst_load& load) {
  connections_of_burst<Heap> staying(load, load.staying);
  connections_of_burst<Heap> coming(load, load.coming);
  staying.open();
  time_steady_state<Heap>(state, static_cast<double>(load.coming), [&] {
    coming.open();
    coming.close();
  });
  staying.close();
}

template <contender Heap>
void register_burst() {
  for (const burst_load& load : burst_loads) {
    benchmark::RegisterBenchmark(name_of<Heap>(load.name).c_str(),
                                 [&load](benchmark::State& state) { burst<Heap>(state, load); });
  }
}

}  // namespace micro
