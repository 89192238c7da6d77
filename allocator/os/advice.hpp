// advice.hpp - what madvise is told that the C library's headers have no name for yet.
// For the system's layer, and for who asks whether a sandbox lets it.
#pragma once

namespace connarena::os {

// Guards in the page table: of Linux 6.13.
inline constexpr int install_guard = 102;  // MADV_GUARD_INSTALL
inline constexpr int remove_guard = 103;   // MADV_GUARD_REMOVE
// Returns pages that are locked, too: of Linux 5.18.
inline constexpr int forget_locked = 24;  // MADV_DONTNEED_LOCKED
// Makes pages resident as if each had been written: of Linux 5.14.
inline constexpr int fill_pages = 23;  // MADV_POPULATE_WRITE

}  // namespace connarena::os
