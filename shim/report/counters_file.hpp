// counters_file.hpp - the file behind a report's counters.
//
// Created under a name of its own and moved into place: a link at that place is
// replaced, not followed. What is there and is no report stays. The process writes
// through a mapping, so that a file which is cut short ends it with SIGBUS: the mode
// is 0400, so that nobody but root opens it for that by mistake. Moving or deleting
// the file does no harm.
#pragma once

namespace connarena::shim::report {

/// Creates a report's file with these first contents, file_bytes of them, and
/// maps it shared. Null if that is impossible or something else has the name.
[[nodiscard]] void* map_counters_file(const char* path, const char* contents) noexcept;

/// Whether the file is the report of another process that still runs.
[[nodiscard]] bool is_recorded_by_another(const char* path) noexcept;

/// Whether there is a file that the process may not read: reports are private, so
/// it is taken for one of a process with other rights.
[[nodiscard]] bool is_unreadable(const char* path) noexcept;

}  // namespace connarena::shim::report
