// process_state.hpp - which process wrote a report, and whether it still runs.
// Used by the preload library and the launcher.
#pragma once

#include <sys/types.h>

#include "shim/report/counters.hpp"

namespace connarena::shim::report {

/// The process that has a number now; start_ticks is 0 if none has it.
[[nodiscard]] process_name process_of(pid_t pid) noexcept;
[[nodiscard]] bool is_running(const process_name& process) noexcept;

}  // namespace connarena::shim::report
