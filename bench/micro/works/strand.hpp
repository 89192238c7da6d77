// strand.hpp - connections whose handlers run on any of some threads, one at a time, as
// under Asio's io_context, tokio's runtime or workers over one epoll.
//
// An operation is a handler: it frees the 20 blocks that its connection's last one made,
// on whichever thread that ran, and makes 20 others.
#pragma once

#include <array>
#include <atomic>
#include <barrier>

#include "works/figures.hpp"
#include "works/sequences.hpp"

namespace micro {

inline constexpr std::size_t strand_blocks = 20;
inline constexpr std::size_t strand_connections = 64;

/// One connection. Only one thread at a time may be in it.
template <contender Heap>
class strand {
 public:
  void open() { heap_.open(); }
  void close() {
    give_all();
    heap_.close();
  }

  /// False, with nothing done, if another thread runs a handler of it.
  [[nodiscard]] bool handle(const std::uint32_t* sizes, std::size_t first_size) {
    if (is_served_.load(std::memory_order_relaxed) ||
        is_served_.exchange(true, std::memory_order_acquire)) {
      return false;
    }
    give_all();
    for (std::size_t i = 0; i < strand_blocks; ++i) {
      const std::size_t size = i == 0 && first_size != 0 ? first_size : sizes[i];
      blocks_[i] = {touched(heap_.allocate(size)), size};
    }
    is_served_.store(false, std::memory_order_release);
    return true;
  }

 private:
  struct block {
    void* start = nullptr;
    std::size_t size = 0;
  };

  void give_all() {
    for (block& each : blocks_) {
      if (each.start != nullptr) heap_.deallocate(each.start, each.size);
      each = {};
    }
  }

  alignas(64) std::atomic<bool> is_served_{false};
  Heap heap_;
  std::array<block, strand_blocks> blocks_{};
};

/// `first_size`: of the first block of each handler; 0: as the others.
template <contender Heap>
void strands(benchmark::State& state, std::size_t first_size) {
  static std::array<strand<Heap>, strand_connections> all;
  static const auto sizes = logarithmic_sizes(1024 * strand_blocks, 16, 512);
  if (state.thread_index() == 0) {
    for (auto& each : all) each.open();
  }
  // The threads start, and end, together.
  auto random = static_cast<std::uint32_t>(state.thread_index()) * 2654435761u + 1;
  std::size_t turn = 0;
  for (auto _ : state) {
    do {
      random = random * 1664525 + 1013904223;
    } while (!all[random >> 26].handle(&sizes[turn * strand_blocks], first_size));
    turn = (turn + 1) % 1024;
  }
  if (state.thread_index() == 0) {
    for (auto& each : all) each.close();
    set_figures<Heap>(state, 1);
  }
}

template <contender Heap>
void register_strand() {
  if constexpr (Heap::can.frees_blocks && Heap::can.any_thread_frees &&
                Heap::can.any_thread_allocates && !Heap::can.is_empty_loop) {
    for (const int threads : {1, 2, 4, 8}) {
      const auto add = [threads](const std::string& work, std::size_t first_size) {
        benchmark::RegisterBenchmark(
            name_of<Heap>(work + std::to_string(threads)).c_str(),
            [first_size](benchmark::State& state) { strands<Heap>(state, first_size); })
            ->Threads(threads)
            ->UseRealTime();
      };
      add("strand.", 0);
      add("strand_16k.", std::size_t{16} * 1024);
    }
  }
}

}  // namespace micro
