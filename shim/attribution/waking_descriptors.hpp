// waking_descriptors.hpp - eventfds: who writes to one wakes who reads from it, as by a
// semaphore. See wakes.hpp.
//
// Numbers of descriptors are noted where eventfds are made. One that was closed is no longer
// one when its number comes again, as far as that is seen: a mistake costs a look at a table.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace connarena::shim {

namespace detail {
// Servers make theirs at the start.
inline constexpr unsigned most_waking = 1024;
inline constinit std::atomic<std::uint64_t> waking[most_waking / 64]{};
}  // namespace detail

[[nodiscard]] inline bool is_waking(int fd) noexcept {
  const auto at = static_cast<unsigned>(fd);
  if (at >= detail::most_waking) return false;
  return (detail::waking[at / 64].load(std::memory_order_relaxed) >> (at % 64) & 1) != 0;
}
/// The system has just made an eventfd of this number, or something else.
inline void note_waking(int fd, bool is_eventfd) noexcept {
  const auto at = static_cast<unsigned>(fd);
  if (at >= detail::most_waking || is_waking(fd) == is_eventfd) return;
  detail::waking[at / 64].fetch_xor(std::uint64_t{1} << (at % 64), std::memory_order_relaxed);
}

/// The thread is about to write to one, by which it mostly adds 1, or to read from one.
void come_to_write_wake(int fd) noexcept;
void come_to_read_wake() noexcept;
/// It has read what the system gave.
void note_wake_read(int fd, const void* value, ssize_t bytes) noexcept;

}  // namespace connarena::shim
