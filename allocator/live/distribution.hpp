// distribution.hpp - how many of what has ended were how large: counts that only grow.
//
// Part of the live figures; used by the preload library and the launcher.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace connarena::live {

/// Upper bounds, each included; what is beyond the last has a count of its own.
inline constexpr std::size_t bound_count = 11;
using bounds = std::uint64_t[bound_count];

inline constexpr bounds size_bounds = {1 << 10, 4 << 10,  16 << 10, 64 << 10,  256 << 10, 1 << 20,
                                       4 << 20, 16 << 20, 64 << 20, 256 << 20, 1 << 30};
/// From 10 ms over seconds, minutes and hours to a day.
inline constexpr bounds lifetime_bounds_ms = {10,     100,    1000,    5000,     15000,   60000,
                                              300000, 900000, 3600000, 21600000, 86400000};

struct distribution {
  std::atomic<std::uint64_t> counts[bound_count + 1];
  std::atomic<std::uint64_t> sum;
};

[[nodiscard]] inline std::size_t place_among(const bounds& of, std::uint64_t value) noexcept {
  std::size_t place = 0;
  while (place < bound_count && value > of[place]) ++place;
  return place;
}

/// Threads: any.
inline void count(distribution& in, const bounds& of, std::uint64_t value) noexcept {
  in.counts[place_among(of, value)].fetch_add(1, std::memory_order_relaxed);
  in.sum.fetch_add(value, std::memory_order_relaxed);
}

}  // namespace connarena::live
