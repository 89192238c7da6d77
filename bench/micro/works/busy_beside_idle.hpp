// busy_beside_idle.hpp - one connection allocates and frees while 0, 80, 1,000 or
// 10,000 others are idle, all of whose blocks but one are free. An operation is one pair
// of the busy one: it must not pay for what others leave idle.
#pragma once

#include <array>
#include <vector>

#include "works/figures.hpp"
#include "works/process_memory.hpp"
#include "works/steady_state.hpp"

namespace micro {

inline constexpr std::size_t busy_blocks = 120;
inline constexpr std::size_t busy_bytes = 900;

/// Allocates the blocks of a round, then frees them up to the first `kept`.
template <contender Heap>
void* one_busy_round(Heap& heap, std::size_t kept) {
  std::array<void*, busy_blocks> blocks;
  for (void*& block : blocks) {
    block = heap.allocate(busy_bytes);
    std::memset(block, 1, busy_bytes);
  }
  benchmark::DoNotOptimize(blocks);
  for (std::size_t i = kept; i < blocks.size(); ++i) heap.deallocate(blocks[i], busy_bytes);
  return blocks.front();
}

/// Connections whose blocks are all but one free.
template <contender Heap>
class idle_crowd {
 public:
  explicit idle_crowd(std::size_t count) : heaps_(count) { kept_.reserve(count); }
  idle_crowd(const idle_crowd&) = delete;
  idle_crowd& operator=(const idle_crowd&) = delete;
  /// Newest first: mimalloc walks all younger heaps to find the one it destroys.
  ~idle_crowd() {
    for (std::size_t i = kept_.size(); i > 0; --i) {
      give_back_at_close(heaps_[i - 1], kept_[i - 1], busy_bytes);
      heaps_[i - 1].close();
    }
  }

  /// False if they would take more than half of the machine's memory.
  [[nodiscard]] bool fill() {
    constexpr std::size_t look_every = 64;
    const std::size_t budget_bytes = available_bytes() / 2;
    for (Heap& heap : heaps_) {
      if (kept_.size() % look_every == 0 && resident_bytes_roughly() > budget_bytes) return false;
      heap.open();
      kept_.push_back(one_busy_round(heap, 1));
    }
    return true;
  }

 private:
  std::vector<Heap> heaps_;
  std::vector<void*> kept_;
};

template <contender Heap>
void busy_beside_idle(benchmark::State& state, std::size_t idle) {
  if (idle + 1 > Heap::can.most_open) return state.SkipWithError(Heap::can.why_no_more);
  idle_crowd<Heap> others(idle);
  if (!others.fill()) return state.SkipWithError("out of memory");
  Heap heap;
  heap.open();
  time_steady_state<Heap>(state, busy_blocks, [&] { one_busy_round(heap, 0); });
  heap.close();
}

template <contender Heap>
void register_busy_beside_idle() {
  if constexpr (Heap::can.frees_blocks) {
    for (const std::size_t idle : {0u, 80u, 1'000u, 10'000u}) {
      const std::string work = "busy_beside_idle." + std::to_string(idle);
      benchmark::RegisterBenchmark(name_of<Heap>(work).c_str(), [idle](benchmark::State& state) {
        busy_beside_idle<Heap>(state, idle);
      });
    }
  }
}

}  // namespace micro
