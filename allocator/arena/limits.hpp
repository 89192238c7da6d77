// limits.hpp - limits of open arenas, set while they are at work, and who is told when a soft
// one is passed. What an arena is charged is in lane/charge.hpp.
//
// Threads: any; an arena for one thread is its own thread's. None of it is called inside a
// lane or under a lock.
#pragma once

#include <cerrno>
#include <cstddef>

#include <connarena/connarena.h>

#include "arena/arenas.hpp"
#include "arena/lane/charge.hpp"

namespace connarena {

/// How it went, as errno says it: 0, ESTALE, or ENOMEM.
[[nodiscard]] int set_limit(lane& first, connarena_t handle, std::size_t limit_bytes) noexcept;
/// `passed` null: none any more.
[[nodiscard]] int set_soft_limit(lane& first, connarena_t handle, std::size_t bytes,
                                 connarena_limit_callback* passed, void* context) noexcept;

/// What calls a soft limit's callback, where that is not to be called just so.
using soft_limit_caller = void (*)(connarena_limit_callback* passed, void* context,
                                   connarena_t arena, std::size_t footprint_bytes) noexcept;
void set_soft_limit_caller(soft_limit_caller caller) noexcept;

/// Called with a watched arena that has passed a limit of those: as a soft limit's callback is.
using over_limit = void (*)(connarena_t arena) noexcept;
void set_over_limit(over_limit call) noexcept;
/// Watches an arena from here on; 0, or ESTALE.
[[nodiscard]] int watch_arena(lane& first, connarena_t handle, bool is_exempt) noexcept;

/// A watched arena, if it is still open, counts for nothing from here on.
void excuse_arena(lane& first, connarena_t handle) noexcept;

/// Takes a block from an arena with a limit. Before it is refused one, the arena's lanes give
/// up what is idle in them. Null with errno as `take` sets it, and EDQUOT where that leaves it.
/// `handle` 0: an arena for one thread, which is inside, and comes to the notice when it is out.
template <typename Take>
[[nodiscard]] void* take_under_limit(lane& first, connarena_t handle, Take take) noexcept {
  const int saved_errno = errno;
  errno = EDQUOT;
  void* block = take();
  if (block == nullptr && errno != ESTALE && shed_arena(first, handle)) {
    errno = EDQUOT;
    block = take();
  }
  if (block == nullptr) return nullptr;
  errno = saved_errno;
  if (handle != 0) notify(first, handle);
  return block;
}

}  // namespace connarena
