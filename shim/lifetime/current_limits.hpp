// current_limits.hpp - the limits that hold now: from the settings, or set since.
//
// Each is a word of its own: who reads them beside a change may see the old one of one and
// the new one of another. Threads: any.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "shim/settings/limit_choice.hpp"

namespace connarena::shim {

namespace detail {
inline constinit std::atomic<std::size_t> limit_bytes{SIZE_MAX};
inline constinit std::atomic<std::size_t> budget_bytes{SIZE_MAX};
inline constinit std::atomic<over_limit> over{over_limit::disconnects};
/// Since there was a limit all connections are watched.
inline constinit std::atomic<bool> are_watched{false};
}  // namespace detail

[[nodiscard]] inline limit_choice current_limits() noexcept {
  return {detail::limit_bytes.load(std::memory_order_relaxed),
          detail::budget_bytes.load(std::memory_order_relaxed),
          detail::over.load(std::memory_order_relaxed)};
}

/// Whether new connections' arenas are to be watched.
[[nodiscard]] inline bool are_connections_watched() noexcept {
  return detail::are_watched.load(std::memory_order_relaxed);
}

}  // namespace connarena::shim
