// unclaimed.hpp - runs that a thread made before it was known whom it serves.
//
// A thread that starts, or comes from a wait, may make a connection's state before
// the first transfer: then that transfer's connection gets these runs. It is a weaker
// sign than I/O: I/O of another connection takes them away again. Whoever makes more
// of them than one connection needs makes them for the program.
//
// Each thread has its own. A handler that interrupts a change costs an entry.
#pragma once

#include "shim/lifetime/connections.hpp"

namespace connarena::shim {

/// The thread serves no connection and has made a run.
void note_unclaimed(const void* run) noexcept;
/// The thread waits, or a connection begins that had no part in them.
void forget_unclaimed() noexcept;
/// They are this connection's.
void claim_for(connection_id connection) noexcept;

}  // namespace connarena::shim
