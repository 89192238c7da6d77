// own_malloc.hpp - whether what the program calls by a name reaches this library.
//
// A program may bring a malloc of its own: the C library's manual asks for malloc, free,
// calloc and realloc. The C library's other calls of the family then go to those, or to a
// heap of its own. So where a program has done so, ours step aside, each for the next
// library's of the same name; and the operators do, see next_operators.hpp.
#pragma once

#include <atomic>

namespace connarena::shim {

/// Pre: not inside a look-up of the loader.
[[nodiscard]] bool reaches_us(const char* name) noexcept;

namespace detail {
enum class malloc_of : unsigned char { nobody_asked, this_library, the_program };
extern constinit std::atomic<malloc_of> whose_malloc;
[[nodiscard]] bool decide_whose_malloc() noexcept;
}  // namespace detail

/// Whether all four are ours. The answer is the same each time. Pre: as above.
[[nodiscard]] inline bool is_malloc_ours() noexcept {
  const detail::malloc_of known = detail::whose_malloc.load(std::memory_order_relaxed);
  if (known != detail::malloc_of::nobody_asked) [[likely]]
    return known == detail::malloc_of::this_library;
  return detail::decide_whose_malloc();
}

}  // namespace connarena::shim
