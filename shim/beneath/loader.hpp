// loader.hpp - which calls of malloc the dynamic loader makes.
//
// Its blocks are nobody's: a thread's table of its variables stays with the thread, and
// then with the thread's stack in the C library's cache, whatever connection the thread
// that made it served. Under --on-close=release the next thread would be given a table
// that has ended.
#pragma once

#include <atomic>
#include <cstdint>

namespace connarena::shim {

namespace detail {
struct loader_place {
  std::atomic<std::uintptr_t> begin{0}, bytes{0};
};
extern constinit loader_place loader;
/// Where the kernel says that it is; nowhere in a program that was started as its argument.
void find_loader() noexcept;
}  // namespace detail

/// Pre: find_loader() was called; until then nothing is.
[[nodiscard]] inline bool is_in_loader(const void* code) noexcept {
  const auto at = reinterpret_cast<std::uintptr_t>(code);
  return at - detail::loader.begin.load(std::memory_order_relaxed) <
         detail::loader.bytes.load(std::memory_order_relaxed);
}

}  // namespace connarena::shim
