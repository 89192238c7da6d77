// idle.hpp - resident bytes of each open arena, empty or with one block of 300 B,
// among 1,000, 100,000 and 1,000,000, and what is left after all are closed.
//
// The arenas' handles count too, whether a contender keeps its state in them or
// elsewhere; the table of blocks, which only the harness needs, does not.
#pragma once

#include <sys/mman.h>

#include <new>

#include "works/figures.hpp"
#include "works/idle_case.hpp"

namespace micro {

inline constexpr std::size_t idle_block_bytes = 300;

/// Room for `count` objects straight from the kernel. Never given back: the child ends.
template <typename Object>
[[nodiscard]] Object* room_for(std::size_t count) {
  void* room = mmap(nullptr, count * sizeof(Object), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) throw std::bad_alloc();
  return static_cast<Object*>(room);
}

template <contender Heap, bool WithBlock>
class idle_arenas final : public idle_case {
 public:
  explicit idle_arenas(std::size_t count)
      : heaps_(room_for<Heap>(count)), blocks_(room_for<void*>(count)) {
    if (WithBlock) touch_pages(blocks_, 0, count * sizeof(void*));
  }

  void open(std::size_t index) override {
    (::new (&heaps_[index]) Heap)->open();
    if constexpr (WithBlock) {
      blocks_[index] = heaps_[index].allocate(idle_block_bytes);
      std::memset(blocks_[index], 1, idle_block_bytes);
    }
  }
  void close(std::size_t index) override {
    if constexpr (WithBlock) give_back_at_close(heaps_[index], blocks_[index], idle_block_bytes);
    heaps_[index].close();
  }

  [[nodiscard]] static idle_case* make(std::size_t count) { return new idle_arenas(count); }

 private:
  Heap* heaps_;
  void** blocks_;
};

template <contender Heap, bool WithBlock>
void idle(benchmark::State& state, std::size_t arenas) {
  if (arenas > Heap::can.most_open) return state.SkipWithError(Heap::can.why_no_more);
  idle_figures figures;
  for (auto _ : state) {
    figures = run_idle_case(idle_arenas<Heap, WithBlock>::make, arenas);
    state.SetIterationTime(figures.seconds_each);
  }
  if (figures.is_refused) return state.SkipWithError("out of memory");
  set_figures<Heap>(state, 1);
  state.counters["bytes_each"] = figures.bytes_each;
  state.counters["left_bytes"] = figures.left_bytes;
}

template <contender Heap, bool WithBlock>
void register_idle_with(const char* what) {
  for (const std::size_t arenas : {1'000u, 100'000u, 1'000'000u}) {
    const std::string work = "idle." + std::to_string(arenas) + '.' + what;
    benchmark::RegisterBenchmark(
        name_of<Heap>(work).c_str(),
        [arenas](benchmark::State& state) { idle<Heap, WithBlock>(state, arenas); })
        ->UseManualTime()
        ->Iterations(1);
  }
}

template <contender Heap>
void register_idle() {
  if constexpr (!Heap::can.is_empty_loop) {
    // A plain malloc has nothing to hold open but the block.
    if constexpr (Heap::can.closes_wholesale) register_idle_with<Heap, false>("empty");
    register_idle_with<Heap, true>("block");
  }
}

}  // namespace micro
