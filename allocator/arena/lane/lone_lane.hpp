// lone_lane.hpp - how others get into a lane of an arena for one thread, when that thread is
// not inside: to return what is idle there.
//
// The fast paths of such an arena say nothing of what they do, so most lanes are shut.
// Where much is idle in them, the thread opens its lane by a report, and works there by
// slower paths from then on: it says that it is inside, then looks at the guard.
// Who looks in takes the guard, makes every thread pass a fence, and turns back if the thread
// is inside: it never waits for it. Either side sees the other.
//
//   shut -> entered   by a report                         (choose_way in api)
//   entered <-> left  around each operation
//   entered -> shut   by a report, when little is idle again
//
// The arena's thread is whoever calls, one at a time: only it changes `lone`.
#pragma once

#include <atomic>

#include "arena/lane/lane.hpp"
#include "os/patience.hpp"

namespace connarena {

namespace detail {
/// Says that the thread is inside. False if somebody looks in.
[[nodiscard]] inline bool say_entered(lane& in) noexcept {
  in.lone.store(lone_lane::entered, std::memory_order_relaxed);
  // Against the compiler; against the processor whoever looks in fences every thread.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return in.guard.is_free();
}

[[gnu::noinline, gnu::cold]] inline void wait_to_enter(lane& in) noexcept {
  patience waiting;
  do {
    // release: pairs with the acquire in is_left
    in.lone.store(lone_lane::left, std::memory_order_release);
    waiting.wait();
  } while (!say_entered(in));
}
}  // namespace detail

/// Pre: the arena is for one thread, which calls.
inline void enter_lone(lane& in) noexcept {
  if (in.lone.load(std::memory_order_relaxed) == lone_lane::shut) return;
  if (!detail::say_entered(in)) [[unlikely]]
    detail::wait_to_enter(in);
}

inline void leave_lone(lane& in) noexcept {
  if (in.lone.load(std::memory_order_relaxed) == lone_lane::shut) return;
  // release: pairs with the acquire in is_left
  in.lone.store(lone_lane::left, std::memory_order_release);
}

/// From here on the thread says what it does, or says nothing any more. Pre: it is inside.
inline void open_lone(lane& in) noexcept {
  in.lone.store(lone_lane::entered, std::memory_order_relaxed);
}
inline void shut_lone(lane& in) noexcept {
  // release: whoever still believes that it is left has to see what it finds instead
  in.lone.store(lone_lane::shut, std::memory_order_release);
}

/// Whether others may look in. To one who holds the guard the answer lasts, if every thread
/// has passed a fence since it took that.
[[nodiscard]] inline bool is_left(const lane& in) noexcept {
  // acquire: pairs with the release of whoever left
  return in.lone.load(std::memory_order_acquire) == lone_lane::left;
}

}  // namespace connarena
