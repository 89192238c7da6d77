// process_state.hpp - which process wrote a report, and whether it still runs.
// Used by the preload library and the launcher.
#pragma once

#include <sys/types.h>

#include "shim/report/ledger.hpp"

namespace connarena::shim::report {

/// The process that has a number now; start_ticks is 0 if none has it.
[[nodiscard]] process_name process_of(pid_t pid) noexcept;

/// Its parent; 0: there is none, or no such process.
[[nodiscard]] pid_t parent_of(pid_t pid) noexcept;

/// Nanoseconds since boot, as `seen_ns`.
[[nodiscard]] std::int64_t since_boot_ns() noexcept;

/// Whether the process that had a number at some time since boot still runs. A process
/// that came to the number later began later.
[[nodiscard]] bool is_running(pid_t pid, std::int64_t seen_ns) noexcept;

[[nodiscard]] inline bool is_running(const counters& of) noexcept {
  return of.ended_ns.load() == 0 && is_running(of.pid.load(), of.seen_ns);
}

}  // namespace connarena::shim::report
