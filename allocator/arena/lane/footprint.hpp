// footprint.hpp - what an arena's limit counts: the pages of its spans and its runs, over
// its lanes, in quarters.
//
// Threads: any may ask. What others change meanwhile may not be in the answer yet.
#pragma once

#include <cstdint>

#include "arena/lane/lane.hpp"

namespace connarena {

[[nodiscard]] inline std::uint64_t run_bytes(const lane& first) noexcept {
  return std::uint64_t{first.run_quarters.load(std::memory_order_relaxed)} << quarter_shift;
}

[[nodiscard]] inline std::uint64_t footprint_quarters(const lane& in) noexcept {
  const lane& first = lane_at(in.first_lane);
  std::uint64_t small = first.small_pages.load(std::memory_order_relaxed);
  const std::uint32_t second = first.second.load(std::memory_order_relaxed);
  if (second != 0) small += lane_at(second).small_pages.load(std::memory_order_relaxed);
  return small * quarters_a_page + first.run_quarters.load(std::memory_order_relaxed);
}

/// Whether so many more quarters stay within the arena's limit.
[[nodiscard]] inline bool is_within_limit(const lane& in, std::uint64_t quarters) noexcept {
  return in.limit_quarters == UINT32_MAX || footprint_quarters(in) + quarters <= in.limit_quarters;
}
/// The same of a span's pages.
[[nodiscard]] inline bool has_room_for_span(const lane& in, std::uint64_t pages) noexcept {
  return is_within_limit(in, pages * quarters_a_page);
}

/// Keeps the arena's highest footprint.
inline void note_peak(lane& in) noexcept {
  lane& first = lane_at(in.first_lane);
  const auto pages = static_cast<std::uint32_t>(footprint_quarters(first));
  if (pages > first.peak_quarters.load(std::memory_order_relaxed)) {
    first.peak_quarters.store(pages, std::memory_order_relaxed);
  }
}

}  // namespace connarena
