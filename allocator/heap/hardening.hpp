// hardening.hpp - the one setting of a process: hardened, or not.
//
// Hardened, no byte that one arena wrote is readable in a block of another. Memory
// changes hands in few places, none of them on a fast path, and each wipes what it
// passes on: a run as it is taken or grows, a span and a first block as they are
// taken, the free part of a donated span as it is adopted, and from then on each
// survivor of another arena that is freed there. Large runs stand between guards:
// see arena/runs/guards.hpp. Within an arena, blocks are used again as they are.
//
// Threads: any. Nothing depends on what was before the process was hardened.
#pragma once

#include <atomic>
#include <cstddef>

namespace connarena {

namespace detail {
extern constinit std::atomic<bool> hardened;
}  // namespace detail

[[nodiscard]] inline bool is_hardened() noexcept {
  return detail::hardened.load(std::memory_order_relaxed);
}

/// From now on, and for good.
void harden() noexcept;

/// Zeroes what another arena may have written, in a hardened process.
inline void wipe(void* from, std::size_t bytes) noexcept {
  if (is_hardened()) __builtin_memset(from, 0, bytes);
}

}  // namespace connarena
