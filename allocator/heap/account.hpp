// account.hpp - what the process has live and retained, in bytes: see retention.hpp.
//
// Used by retention.cpp, which keeps it, and by bound.cpp, which acts on it.
//
// Threads: any. A sum lacks what threads have not added to it yet.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/units.hpp"
#include "heap/region.hpp"

namespace connarena::retention {

inline constexpr std::size_t default_floor_bytes = 8 * mib;
inline constexpr std::int64_t live_fraction = 32;
// For what batches and sweeps that are not due yet may hide.
inline constexpr std::size_t set_aside_16ths = 2;
inline constexpr std::int64_t table_bytes_a_unit = sizeof(page_info) + sizeof(std::uint32_t);

struct process_account {
  std::atomic<std::int64_t> cached{0};
  std::atomic<std::int64_t> in_lanes{0};
  std::atomic<std::int64_t> live{0};
  std::atomic<std::int64_t> most_live{0};   ///< since the program was last idle
  std::atomic<std::int64_t> in_threads{0};  ///< what the caches of threads may hold
  std::atomic<std::int64_t> described_units{0};
  std::atomic<std::size_t> floor{default_floor_bytes};
};
extern constinit process_account account;

[[nodiscard]] inline std::int64_t now(const std::atomic<std::int64_t>& sum) noexcept {
  return sum.load(std::memory_order_relaxed);
}

/// The floor without what threads may hide.
[[nodiscard]] inline std::int64_t usable_floor() noexcept {
  const std::size_t floor = account.floor.load(std::memory_order_relaxed);
  // They never go back; they take up to a quarter of the floor.
  const std::int64_t tables = now(account.described_units) * table_bytes_a_unit;
  return static_cast<std::int64_t>(floor - floor * set_aside_16ths / 16) - now(account.in_threads) -
         std::min(tables, static_cast<std::int64_t>(floor / 4));
}

[[nodiscard]] inline std::int64_t live_now() noexcept {
  return std::max<std::int64_t>(now(account.live), 0);
}
[[nodiscard]] inline std::int64_t held_now() noexcept {
  return now(account.cached) + std::max<std::int64_t>(now(account.in_lanes), 0);
}
[[nodiscard]] inline std::int64_t strict_bound() noexcept {
  return usable_floor() + live_now() / live_fraction;
}

}  // namespace connarena::retention
