// counted.hpp - single operations under callgrind, which counts their instructions.
//
// Not timed: bench/micro/instructions runs it, and bench/micro/run leaves it out. Each
// figure is a dump of callgrind's, named after it. Only what lies between two toggles
// is counted, in the thread that toggles: no start-up, no harness, no waiting.
#pragma once

#include <valgrind/callgrind.h>

#include <array>
#include <thread>

#include "works/figures.hpp"

namespace micro {

/// Of each figure, by which the script divides. So many blocks of 64 B fit into the
/// first pages of an arena, and so many of 16 KiB beside what a thread may keep.
inline constexpr std::size_t counted_operations = 200;
inline constexpr std::size_t counted_small_bytes = 64;
inline constexpr std::size_t counted_large_bytes = 16 * 1024;
using counted_blocks = std::array<void*, counted_operations>;

template <typename Operation>
void count(Operation operation) {
  CALLGRIND_TOGGLE_COLLECT;
  operation();
  CALLGRIND_TOGGLE_COLLECT;
}

/// What was counted since the last figure is this one.
inline void end_figure(const char* name) { CALLGRIND_DUMP_STATS_AT(name); }

template <contender Heap>
void count_allocate(Heap& heap, void*& block, std::size_t size) {
  count([&] { block = touched(heap.allocate(size)); });
}
template <contender Heap>
void count_deallocate(Heap& heap, void* block, std::size_t size) {
  count([&] { heap.deallocate(block, size); });
}

template <contender Heap>
void count_all_allocates(Heap& heap, counted_blocks& blocks, std::size_t size, const char* figure) {
  for (void*& block : blocks) count_allocate(heap, block, size);
  end_figure(figure);
}
template <contender Heap>
void count_all_deallocates(Heap& heap, const counted_blocks& blocks, std::size_t size,
                           const char* figure) {
  for (void* block : blocks) count_deallocate(heap, block, size);
  end_figure(figure);
}

/// So many that those after it lie in pages: the first few of an arena do not.
template <contender Heap>
class first_blocks {
 public:
  explicit first_blocks(Heap& heap) : heap_(heap) {
    for (void*& block : blocks_) block = touched(heap_.allocate(counted_small_bytes));
  }
  first_blocks(const first_blocks&) = delete;
  first_blocks& operator=(const first_blocks&) = delete;
  ~first_blocks() {
    for (void* block : blocks_) heap_.deallocate(block, counted_small_bytes);
  }

 private:
  Heap& heap_;
  std::array<void*, 8> blocks_;
};

/// One block, freed and taken again.
template <contender Heap>
void count_at_hand(Heap& heap, std::size_t size, const char* allocate, const char* deallocate) {
  void* block = heap.allocate(size);
  for (std::size_t i = 0; i < counted_operations; ++i) {
    heap.deallocate(block, size);
    count_allocate(heap, block, size);
  }
  end_figure(allocate);
  for (std::size_t i = 0; i < counted_operations; ++i) {
    count_deallocate(heap, block, size);
    block = touched(heap.allocate(size));
  }
  end_figure(deallocate);
  heap.deallocate(block, size);
}

template <contender Heap>
void count_fresh() {
  Heap heap;
  heap.open();
  {
    const first_blocks first(heap);
    counted_blocks blocks;
    count_all_allocates(heap, blocks, counted_small_bytes, "allocate 64 B in a fresh connection");
    for (void* block : blocks) heap.deallocate(block, counted_small_bytes);
  }
  heap.close();
}

template <contender Heap>
void count_connections() {
  Heap heap;
  const auto connect = [&] {
    heap.open();
    void* const block = touched(heap.allocate(counted_small_bytes));
    give_back_at_close(heap, block, counted_small_bytes);
    heap.close();
  };
  for (std::size_t i = 0; i < counted_operations; ++i) connect();
  for (std::size_t i = 0; i < counted_operations; ++i) count(connect);
  end_figure("open, allocate 64 B, close");
}

/// More blocks than a thread keeps: those in the middle go to the heap behind.
template <contender Heap>
void count_beyond_thread(Heap& heap) {
  constexpr std::size_t kept = 64;
  counted_blocks blocks;
  std::array<void*, kept> others;
  const auto take_others = [&] {
    for (void*& block : others) block = touched(heap.allocate(counted_large_bytes));
  };
  const auto give_others = [&] {
    for (void* block : others) heap.deallocate(block, counted_large_bytes);
  };
  take_others();
  for (void*& block : blocks) block = touched(heap.allocate(counted_large_bytes));
  give_others();
  count_all_deallocates(heap, blocks, counted_large_bytes,
                        "deallocate 16 KiB, thread's cache full");
  take_others();
  count_all_allocates(heap, blocks, counted_large_bytes, "allocate 16 KiB, thread's cache empty");
  give_others();
  for (void* block : blocks) heap.deallocate(block, counted_large_bytes);
}

/// What one thread allocated, another frees.
template <contender Heap>
void count_foreign(Heap& heap, std::size_t size, const char* deallocate, const char* allocate) {
  counted_blocks blocks;
  for (void*& block : blocks) block = touched(heap.allocate(size));
  std::thread([&] {
    void* own = nullptr;  // so that the thread is known
    if constexpr (Heap::can.any_thread_allocates) own = heap.allocate(size);
    count_all_deallocates(heap, blocks, size, deallocate);
    if constexpr (Heap::can.any_thread_allocates) heap.deallocate(own, size);
  }).join();
  count_all_allocates(heap, blocks, size, allocate);
  for (void* block : blocks) heap.deallocate(block, size);
}

/// A second thread in a heap that the first one is in, and a third.
template <contender Heap>
void count_others(Heap& heap) {
  std::thread([&] {
    const first_blocks second(heap);
    count_at_hand(heap, counted_small_bytes, "allocate 64 B, second thread",
                  "deallocate 64 B, second thread");
    std::thread([&] {
      const first_blocks third(heap);
      count_at_hand(heap, counted_small_bytes, "allocate 64 B, third thread",
                    "deallocate 64 B, third thread");
    }).join();
  }).join();
}

template <contender Heap>
void count_open_heap(Heap& heap) {
  const first_blocks first(heap);
  count_at_hand(heap, counted_small_bytes, "allocate 64 B", "deallocate 64 B");
  count_at_hand(heap, counted_large_bytes, "allocate 16 KiB", "deallocate 16 KiB");
  count_beyond_thread(heap);
  if constexpr (Heap::can.any_thread_allocates) count_others(heap);
  if constexpr (Heap::can.any_thread_frees) {
    count_foreign(heap, counted_small_bytes, "deallocate another thread's 64 B",
                  "allocate 64 B that another thread freed");
    count_foreign(heap, counted_large_bytes, "deallocate another thread's 16 KiB",
                  "allocate 16 KiB that another thread freed");
  }
}

template <contender Heap>
void counted(benchmark::State& state) {
  for (auto _ : state) {
    count_fresh<Heap>();
    count_connections<Heap>();
    Heap heap;
    heap.open();
    count_open_heap(heap);
    heap.close();
  }
}

template <contender Heap>
void register_counted() {
  if constexpr (Heap::can.frees_blocks) {
    benchmark::RegisterBenchmark(name_of<Heap>("counted").c_str(), counted<Heap>)->Iterations(1);
  }
}

}  // namespace micro
