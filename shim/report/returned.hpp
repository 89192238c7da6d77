// returned.hpp - what went back to the system, and how long after a close.
//
// Threads: any; each byte is counted once.
#pragma once

#include "shim/report/counters.hpp"

namespace connarena::shim::report {

/// Adds what has gone back since the last call. What a close gives back goes within its
/// call; what idle.hpp returns afterwards, once the program is quiet, in the second after.
void note_returned(counters& to) noexcept;
/// A connection closes now.
void note_close() noexcept;
/// A child counts its own.
void forget_returns() noexcept;

}  // namespace connarena::shim::report
