// threads.hpp - how the steady work scales: one thread, two threads on a heap
// each, two threads and more on one heap.
#pragma once

#include <barrier>

#include "works/steady.hpp"

namespace micro {

/// On its own heap, opened by the thread itself: some contenders require it.
template <contender Heap>
void threads_apart(benchmark::State& state) {
  Heap heap;
  heap.open();
  {
    live_set<Heap> live(heap, small_replacements());
    for (auto _ : state) live.replace_one();
  }
  heap.close();
  if (state.thread_index() == 0) set_figures<Heap>(state, 1);
}

/// On one heap, which the first thread opens, and closes when all are out of it.
template <contender Heap, int Threads>
void threads_together(benchmark::State& state) {
  static Heap heap;
  static std::barrier together(Threads);
  if (state.thread_index() == 0) heap.open();
  together.arrive_and_wait();
  {
    live_set<Heap> live(heap, small_replacements());
    for (auto _ : state) live.replace_one();
  }
  together.arrive_and_wait();
  if (state.thread_index() == 0) {
    heap.close();
    set_figures<Heap>(state, 1);
  }
}

template <contender Heap>
void register_threads() {
  // The empty loop's threads would write to the same lines.
  if constexpr (Heap::can.frees_blocks && !Heap::can.is_empty_loop) {
    const auto add = [](const char* work, void (*run)(benchmark::State&), int threads) {
      benchmark::RegisterBenchmark(name_of<Heap>(work).c_str(), run)
          ->Threads(threads)
          ->UseRealTime();
    };
    add("threads.1", threads_apart<Heap>, 1);
    add("threads.2_on_2", threads_apart<Heap>, 2);
    // A plain malloc is one heap already.
    if constexpr (Heap::can.any_thread_allocates && Heap::can.closes_wholesale) {
      add("threads.2_on_1", threads_together<Heap, 2>, 2);
      add("threads.4_on_1", threads_together<Heap, 4>, 4);
      add("threads.8_on_1", threads_together<Heap, 8>, 8);
    }
  }
}

}  // namespace micro
