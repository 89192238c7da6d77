// inside_core.hpp - whether the calling thread is in the core: where it is, a
// signal handler has interrupted it there.
//
// The calls that a handler may make, as close and _exit, end connections and look
// at figures. The interrupted thread may hold a lock of the core, or be in the
// middle of an arena: what enters the core has to wait until it is out.
//
// Nor may a handler that jumps out of what it interrupted leave that half done: the jump
// is held until the core has been left, and with it what a call has to note of a
// descriptor. See running_handlers.hpp.
// Invariant: a handler finds the count, and leaves it, as the interrupted code has it.
#pragma once

#include "api/core.hpp"
#include "shim/processor/processor.hpp"

namespace connarena::shim {

namespace detail {

/// The lower half counts stays in the core, the upper other unbroken stretches; the sign
/// says that a jump is held. No handler comes within a change.
extern constinit thread_local int unbroken_depth __attribute__((tls_model("initial-exec")));
inline constexpr int in_core = 1;
inline constexpr int in_stretch = 1 << 16;
inline constexpr int core_mask = in_stretch - 1;
inline constexpr int jump_is_held = -1 - 0x7FFFFFFF;

/// Makes the jump, unless the thread is in another stretch.
void make_held_jump() noexcept;

inline void begin_unbroken(int kind) noexcept { processor::add_at_once(unbroken_depth, kind); }
inline void end_unbroken(int kind) noexcept {
  const bool is_held = processor::subtract_at_once(unbroken_depth, kind);
  if (is_held) [[unlikely]]
    make_held_jump();
}

}  // namespace detail

[[nodiscard]] inline bool is_inside_core() noexcept {
  asm volatile("" ::: "memory");
  return (detail::unbroken_depth & detail::core_mask) != 0;
}

/// Whether a handler's jump waits for the end of what the thread does.
[[nodiscard]] inline bool is_jump_held() noexcept {
  asm volatile("" ::: "memory");
  return detail::unbroken_depth < 0;
}

inline void enter_core() noexcept { detail::begin_unbroken(detail::in_core); }
inline void leave_core() noexcept { detail::end_unbroken(detail::in_core); }

/// The thread is in the core for as long as this lives.
class inside_core {
 public:
  inside_core() noexcept { enter_core(); }
  ~inside_core() { leave_core(); }
  inside_core(const inside_core&) = delete;
  inside_core& operator=(const inside_core&) = delete;
};

/// What is done while this lives is the program's, called from the core: it may wait, and a
/// handler may jump out of it.
class outside_core {
 public:
  outside_core() noexcept : depth_(detail::unbroken_depth & detail::core_mask) {
    detail::end_unbroken(depth_);
  }
  ~outside_core() { detail::begin_unbroken(depth_); }
  outside_core(const outside_core&) = delete;
  outside_core& operator=(const outside_core&) = delete;

 private:
  int depth_;
};

/// No handler jumps out of what is done while this lives. Nothing that waits is.
class unbroken {
 public:
  unbroken() noexcept { detail::begin_unbroken(detail::in_stretch); }
  ~unbroken() { detail::end_unbroken(detail::in_stretch); }
  unbroken(const unbroken&) = delete;
  unbroken& operator=(const unbroken&) = delete;
};

/// Frees a block of the core's. Pre: core::owns(block).
inline void deallocate_in_core(void* block) noexcept {
  const inside_core inside;
  core::deallocate(block);
}

}  // namespace connarena::shim
