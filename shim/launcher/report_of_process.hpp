// report_of_process.hpp - where a process that runs keeps its report, and with it the names
// of its call sites.
#pragma once

#include <sys/types.h>

#include <string>

namespace connarena::launcher {

/// Empty: nowhere, or its environment may not be read.
[[nodiscard]] std::string report_of(pid_t process);

}  // namespace connarena::launcher
