// inside_core.hpp - whether the calling thread is in the core: where it is, a
// signal handler has interrupted it there.
//
// The calls that a handler may make, as close and _exit, end connections and look
// at figures. The interrupted thread may hold a lock of the core, or be in the
// middle of an arena: what enters the core has to wait until it is out.
// Invariant: a handler finds the count, and leaves it, as the interrupted code has it.
#pragma once

#include <atomic>

#include "api/core.hpp"

namespace connarena::shim {

namespace detail {
extern constinit thread_local unsigned core_depth __attribute__((tls_model("initial-exec")));
}  // namespace detail

[[nodiscard]] inline bool is_inside_core() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return detail::core_depth != 0;
}

inline void enter_core() noexcept {
  ++detail::core_depth;
  // Against the compiler: a handler runs on the same processor.
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

inline void leave_core() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  --detail::core_depth;
}

/// The thread is in the core for as long as this lives.
class inside_core {
 public:
  inside_core() noexcept { enter_core(); }
  ~inside_core() { leave_core(); }
  inside_core(const inside_core&) = delete;
  inside_core& operator=(const inside_core&) = delete;
};

/// Frees a block of the core's. Pre: core::owns(block).
inline void deallocate_in_core(void* block) noexcept {
  const inside_core inside;
  core::deallocate(block);
}

}  // namespace connarena::shim
