// placement.hpp - where a block comes from, and the calls that span both worlds.
//
//   entered arena, else the served connection's   sizes from --min-size, or all
//   unowned runs of the core                      a page or more, from --min-size
//   the base allocator                            the rest, and where the core has none
//
// A block goes back to where its address says it came from.
#pragma once

#include <cstddef>

namespace connarena::shim {

/// The slow half of malloc: sizes that may belong to the core.
[[nodiscard]] void* place(std::size_t size_bytes) noexcept;
/// `caller`: where the call returns to, if that may be in the loader.
[[nodiscard]] void* place_zeroed(std::size_t count, std::size_t size_bytes,
                                 const void* caller = nullptr) noexcept;
/// Pre: `alignment` is a power of two.
[[nodiscard]] void* place_aligned(std::size_t alignment, std::size_t size_bytes) noexcept;
/// As realloc. A block that grows past --min-size, or shrinks below it, moves
/// between the core and the base allocator.
[[nodiscard]] void* replace(void* block, std::size_t size_bytes) noexcept;

/// As malloc_usable_size: 0 for null.
[[nodiscard]] std::size_t usable_size(const void* block) noexcept;

/// Whether the calling thread's next block of this size may be the core's.
[[nodiscard]] bool may_be_the_cores(std::size_t size_bytes) noexcept;

/// Whether malloc would give the core's memory to a thread that serves nobody.
[[nodiscard]] bool is_for_core(std::size_t size_bytes) noexcept;

}  // namespace connarena::shim
