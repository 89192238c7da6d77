// unclaimed.hpp - runs that a thread made while it was not known for sure whom it serves.
//
// A thread that starts, or comes from a wait, may make a connection's state before
// the first transfer, and one that has written to a connection, or found no more to read, may
// be at the next: then the next transfer's connection gets these runs. It is a weaker
// sign than I/O: I/O of another connection takes them away again. Whoever makes more
// of them than one connection needs makes them for the program.
//
// Each thread has its own. A handler that interrupts a change costs an entry.
#pragma once

#include <cstddef>

#include "shim/attribution/companions.hpp"
#include "shim/lifetime/connections.hpp"

namespace connarena::shim {

namespace detail {
struct unclaimed_runs {
  std::size_t count = 0;   ///< more than most_companions: too many to be one connection's
  core::handle owner = 0;  ///< whose they are meanwhile; 0: nobody's
  const void* runs[most_companions] = {};
};
extern constinit thread_local unclaimed_runs unclaimed __attribute__((tls_model("initial-exec")));
void give_unclaimed_to(connection_id connection) noexcept;
void leave_unclaimed() noexcept;
}  // namespace detail

/// The thread has made a run, which is `owner`'s until more is known.
void note_unclaimed(const void* run, core::handle owner) noexcept;
/// A connection begins that had no part in them.
inline void forget_unclaimed() noexcept { detail::unclaimed.count = 0; }
/// They are this connection's.
inline void claim_for(connection_id connection) noexcept {
  if (detail::unclaimed.count != 0) detail::give_unclaimed_to(connection);
}
/// The thread waits, or hands on what it has made: what it makes next is for something else.
inline void end_stretch() noexcept {
  if (detail::unclaimed.count != 0) detail::leave_unclaimed();
}

}  // namespace connarena::shim
