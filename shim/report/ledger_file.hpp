// ledger_file.hpp - the file that a ledger is copied to.
//
// The file is mapped, so that a process that has given up its rights, its root or its
// descriptors goes on writing it. It is anybody's to cut short, move or delete: nobody
// but the kernel writes through the mapping, and before a copy the name is looked at. A
// file that was cut short is made as long as it was, one that is gone is made anew.
//
// A file is created under a name of its own and moved into place, mode 0600: a link at
// that place is replaced, not followed. What is there and is no report stays. The first
// family of a run has the name that was asked for, others that name with a number; where
// all numbers are taken, one of a family that has ended is taken over, with its figures.
//
// Threads: one at a time in a process.
#pragma once

#include <sys/types.h>

#include "shim/report/ledger.hpp"

namespace connarena::shim::report {

/// Takes a copy of the name, which may lie in the environment, and makes it absolute.
void name_file(const char* path) noexcept;

/// Whether the file is a report of which a process runs.
[[nodiscard]] bool is_recorded_by_others() noexcept;
/// Whether there is a file that the process may not read: reports are private, so it is
/// taken for one of a process with other rights.
[[nodiscard]] bool is_unreadable() noexcept;

/// Gives the ledger the file of that name. False if it cannot be written, or is something
/// else's.
[[nodiscard]] bool create_file(ledger& own) noexcept;
/// Gives the ledger of a further family a file beside it, unless a relative does so, or
/// has done. `launched`: the process whose run that is, if the file does not tell.
void create_numbered_file(ledger& own, pid_t launched) noexcept;

/// What of it is copied.
enum class extent : unsigned char { figures, everything };
/// Copies the ledger, or what of it `own` has changed, to its file, and looks after that.
void copy_to_file(ledger& from, const counters& own, extent what) noexcept;

}  // namespace connarena::shim::report
