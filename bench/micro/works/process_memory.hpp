// process_memory.hpp - what the kernel says this process holds. Allocates nothing.
#pragma once

#include <cstddef>

namespace micro {

/// Resident bytes, exactly: walks the page tables, milliseconds for a gigabyte.
[[nodiscard]] std::size_t resident_bytes() noexcept;

/// Resident bytes, cheaply: the kernel's counters, which may lag by some pages.
[[nodiscard]] std::size_t resident_bytes_roughly() noexcept;

/// Bytes the machine can still hand out without swapping.
[[nodiscard]] std::size_t available_bytes() noexcept;

/// Page faults of this process so far that needed no disk.
[[nodiscard]] std::size_t page_faults() noexcept;

}  // namespace micro
