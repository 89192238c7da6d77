// guard_advice.hpp - what madvise is told to set guards in the page table and to lift
// them. For the system's layer, and for who asks whether a sandbox lets it.
#pragma once

namespace connarena::os {

// Of Linux 6.13; the C library's headers have them later.
inline constexpr int install_guard = 102;  // MADV_GUARD_INSTALL
inline constexpr int remove_guard = 103;   // MADV_GUARD_REMOVE

}  // namespace connarena::os
