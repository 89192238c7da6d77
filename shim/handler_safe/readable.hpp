// readable.hpp - whether an address that a program has given may be read. Where the system
// is the one that says that it may not, with EFAULT, the program must not end by a SIGSEGV
// of ours.
#pragma once

#include <cstddef>

namespace connarena::shim {

/// Whether so many bytes can be read, as far as the system says. Costs a system call,
/// unless they are on the calling thread's stack, near. Pre: `bytes` is none of 0 or above
/// most_asked_bytes.
[[nodiscard]] bool is_readable(const void* address, std::size_t bytes) noexcept;
inline constexpr std::size_t most_asked_bytes = std::size_t{1} << 16;

}  // namespace connarena::shim
