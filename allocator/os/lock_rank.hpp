// lock_rank.hpp - the order in which a thread takes the core's locks.
//
// Each lock has a rank, and whoever holds one takes only locks of higher ranks: so no
// two threads wait for each other. Where the invariants are checked, a thread that does
// otherwise ends the process with a fixed line. Fork takes all of the process-wide ones
// in this order.
//
// Here are all that there are, the lowest first. Of the lanes and the runs' lists of
// arenas a thread holds one at a time, but for an arena's second lane inside its first.
#pragma once

#include <cstdint>

#include "base/checks.hpp"

namespace connarena {

enum class lock_rank : std::uint8_t {
  sanitized,           ///< blocks that are a sanitizer's: held over that one's own malloc
  own_arena,           ///< the core's own arena is about to be opened
  idle_memory,         ///< what is idle is about to be returned
  lane,                ///< a lane of an arena
  second_lane,         ///< an arena's second one, by whoever is inside the first
  outbox,              ///< what a thread has freed of another's lane
  runs,                ///< the list of an arena's runs
  donations,           ///< donated pages
  threads,             ///< the identities of threads
  lane_places,         ///< the places of lanes
  first_block_places,  ///< the places of first blocks
  shelf,               ///< runs that some threads want again
  page_heap,           ///< of small blocks,
  run_page_heap,       ///< of connections' runs, and
  base_run_page_heap,  ///< of unowned runs
  reservation,         ///< the region is about to be reserved
};

namespace detail {
/// A bit for each rank at which the thread holds a lock.
extern constinit thread_local std::uint32_t held_ranks __attribute__((tls_model("initial-exec")));
}  // namespace detail

/// The calling thread is about to take a lock.
inline void check_may_take(lock_rank rank) noexcept {
  if constexpr (checks_invariants) {
    if (detail::held_ranks >> static_cast<unsigned>(rank) != 0) die_internal("lock out of rank");
  }
}

/// It has the lock, or has it no longer.
inline void note_taken(lock_rank rank) noexcept {
  if constexpr (checks_invariants) detail::held_ranks |= 1u << static_cast<unsigned>(rank);
}
inline void note_given(lock_rank rank) noexcept {
  if constexpr (checks_invariants) detail::held_ranks &= ~(1u << static_cast<unsigned>(rank));
}

}  // namespace connarena
