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

/// Room for objects straight from the kernel, resident as far as it is touched.
template <typename Object>
class kernel_room {
 public:
  explicit kernel_room(std::size_t count) : bytes_(count * sizeof(Object)) {
    void* start = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) throw std::bad_alloc();
    start_ = static_cast<Object*>(start);
  }
  kernel_room(const kernel_room&) = delete;
  kernel_room& operator=(const kernel_room&) = delete;
  ~kernel_room() { munmap(start_, bytes_); }

  Object& operator[](std::size_t index) noexcept { return start_[index]; }
  void touch() noexcept { touch_pages(start_, 0, bytes_); }
  void give_up() noexcept { madvise(start_, bytes_, MADV_DONTNEED); }

 private:
  std::size_t bytes_;
  Object* start_;
};

template <contender Heap, bool WithBlock>
class idle_arenas final : public idle_case {
 public:
  explicit idle_arenas(std::size_t count) : heaps_(count), blocks_(count) {
    if (WithBlock) blocks_.touch();
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
  void give_up_handles() override { heaps_.give_up(); }

  [[nodiscard]] static idle_case* make(std::size_t count) { return new idle_arenas(count); }

 private:
  kernel_room<Heap> heaps_;
  kernel_room<void*> blocks_;
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
