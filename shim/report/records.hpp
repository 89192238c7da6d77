// records.hpp - which record of the ledger is a process's.
#pragma once

#include "shim/report/ledger.hpp"

namespace connarena::shim::report {

/// A record for the calling process. Where none is free it takes over one of a process
/// that has ended, whose figures stay in the sum. Null where all run.
[[nodiscard]] counters* take_record(ledger& from) noexcept;

/// The process holds so much now.
void note_footprint(ledger& of, counters& own, std::uint64_t bytes) noexcept;
/// It has ended; false if it had before.
bool note_end(ledger& of, counters& own) noexcept;

}  // namespace connarena::shim::report
