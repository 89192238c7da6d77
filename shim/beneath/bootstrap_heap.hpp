// bootstrap_heap.hpp - memory for the calls that the loader makes to malloc while
// the base allocator is being looked up.
//
// A fixed buffer, handed out from one end and never taken back. In use for a few
// look-ups at the start of a process; any thread may call.
#pragma once

#include <cstddef>

namespace connarena::shim::bootstrap {

/// Zeroed memory, aligned to 16; null when the buffer is used up.
[[nodiscard]] void* allocate(std::size_t size_bytes) noexcept;
[[nodiscard]] bool owns(const void* address) noexcept;
[[nodiscard]] bool is_used() noexcept;
/// Pre: owns(block).
[[nodiscard]] std::size_t usable_size(const void* block) noexcept;

}  // namespace connarena::shim::bootstrap
