// steady.hpp - 512 live blocks of one connection; one at random is freed and
// another takes its place. An operation is one such pair.
#pragma once

#include <array>

#include "works/figures.hpp"
#include "works/sequences.hpp"

namespace micro {

/// The live blocks of one thread and its place in the sequence.
template <contender Heap>
class live_set {
 public:
  live_set(Heap& heap, const std::vector<replacement>& sequence)
      : heap_(heap), sequence_(sequence.data()) {
    for (std::size_t i = 0; i < live_blocks; ++i) put(blocks_[i], sequence_[i].size_bytes);
  }
  live_set(const live_set&) = delete;
  live_set& operator=(const live_set&) = delete;
  ~live_set() {
    for (const block& each : blocks_) heap_.deallocate(each.start, each.size_bytes);
  }

  void replace_one() {
    const replacement next = sequence_[turn_];
    turn_ = (turn_ + 1) % replacements;
    block& old = blocks_[next.slot];
    heap_.deallocate(old.start, old.size_bytes);
    put(old, next.size_bytes);
  }

 private:
  struct block {
    void* start;
    std::size_t size_bytes;
  };

  void put(block& place, std::size_t size_bytes) {
    place = {touched(heap_.allocate(size_bytes)), size_bytes};
  }

  Heap& heap_;
  const replacement* sequence_;
  std::size_t turn_ = 0;
  std::array<block, live_blocks> blocks_;
};

template <contender Heap>
void steady(benchmark::State& state, const std::vector<replacement>& sequence) {
  Heap heap;
  heap.open();
  {
    live_set<Heap> live(heap, sequence);
    for (auto _ : state) live.replace_one();
  }
  heap.close();
  set_figures<Heap>(state, 1);
}

template <contender Heap>
void register_steady() {
  if constexpr (Heap::can.frees_blocks) {
    benchmark::RegisterBenchmark(
        name_of<Heap>("steady_mixed").c_str(),
        [](benchmark::State& state) { steady<Heap>(state, mixed_replacements()); });
    benchmark::RegisterBenchmark(
        name_of<Heap>("steady_small").c_str(),
        [](benchmark::State& state) { steady<Heap>(state, small_replacements()); });
  }
}

}  // namespace micro
