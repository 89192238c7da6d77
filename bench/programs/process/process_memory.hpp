// process_memory.hpp - what the kernel says of a process: memory, CPU time, page faults.
//
// All read /proc and take no lock of the process but its address space's, which
// smaps_rollup holds while it walks the pages: use it at the reported moments,
// and the cheap figure for pictures.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace demo {

/// Resident bytes, exact: from smaps_rollup. Empty if the process is gone.
[[nodiscard]] std::optional<std::uint64_t> resident_bytes(pid_t process);

/// Resident bytes from statm, which lags by up to 64 pages a thread.
[[nodiscard]] std::optional<std::uint64_t> resident_bytes_cheap(pid_t process);

/// The most that was ever resident: VmHWM of status.
[[nodiscard]] std::optional<std::uint64_t> peak_resident_bytes(pid_t process);

/// User and system time of all threads, in seconds; resolution 10 ms.
[[nodiscard]] std::optional<double> cpu_seconds(pid_t process);

/// Page faults of all threads that needed no disk.
[[nodiscard]] std::optional<std::uint64_t> page_faults(pid_t process);

}  // namespace demo
