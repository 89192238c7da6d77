// footprint.hpp - what an arena holds, over its lanes: its runs and the pages of its spans.
// Of a page that survivors of others lie in it holds what it has used there itself, so that
// a limit means the same in every process.
//
// Threads: any may ask.
#pragma once

#include <algorithm>
#include <cstdint>

#include "arena/lane/charge.hpp"
#include "arena/lane/lane.hpp"
#include "base/beside.hpp"
#include "heap/hardening.hpp"
#include "heap/retention.hpp"

namespace connarena {

[[nodiscard]] inline std::uint64_t run_bytes(const lane& first) noexcept {
  return bytes_of_quarters(read_beside(first.run_quarters));
}

/// What a lane holds of its spans' pages.
[[nodiscard]] inline std::uint64_t span_bytes(const lane& in) noexcept {
  const std::uint64_t granules =
      std::uint64_t{in.small_pages.load(std::memory_order_relaxed)} * page_granules;
  const std::uint64_t others = in.others_granules.load(std::memory_order_relaxed);
  return (granules - std::min(others, granules)) << granule_shift;
}

[[nodiscard]] inline std::uint64_t sum_of_footprint(const lane& first) noexcept {
  const std::uint32_t second = first.second.load(std::memory_order_relaxed);
  const std::uint64_t of_second = second != 0 ? span_bytes(lane_at(second)) : 0;
  return span_bytes(first) + of_second + run_bytes(first);
}

/// A lane's control block, and its first block where it has spans.
[[nodiscard]] inline std::size_t metadata_bytes(const lane& in) noexcept {
  return read_beside(in.spans) != 0 ? 2 * slot_bytes : slot_bytes;
}

/// The highest footprint that was noted, with metadata.
[[nodiscard]] inline std::size_t noted_peak_bytes(const lane& first) noexcept {
  return bytes_of_quarters(first.peak_quarters.load(std::memory_order_relaxed)) + 2 * slot_bytes;
}

/// Of what others have freed and nobody has collected, the process is told page by page: a
/// little in each of many lanes is much. When 16 KiB more wait, the owner is asked to collect.
/// One who works does so at once, which spares a visit; of one who does not come eight times
/// as much may wait.
inline constexpr std::uint32_t waiting_step_granules = 1024;
inline constexpr std::uint32_t most_waiting_granules = 8 * waiting_step_granules;
[[nodiscard]] constexpr std::int64_t told_waiting_bytes(std::uint64_t remote) noexcept {
  const std::uint64_t granules = remote >> 32;
  return static_cast<std::int64_t>((granules - granules % page_granules) << granule_shift);
}

/// Adds what a lane has told the process of itself, and an arena's first of its runs.
inline void add_amounts(const lane& in, retention::amounts& to) noexcept {
  std::int64_t& idle = in.any_thread ? to.in_shared_lanes : to.in_own_lanes;
  idle += std::int64_t{in.reported_pages} << page_shift;
  idle += told_waiting_bytes(in.remote.load(std::memory_order_relaxed));
  to.live += std::int64_t{in.counted_live} << page_shift;
  if (in.first_lane == in.index) to.live += static_cast<std::int64_t>(run_bytes(in));
}

/// What an arena holds.
[[nodiscard]] inline std::uint64_t footprint_bytes(const lane& first) noexcept {
  return has_limit(first) ? charged_bytes(first) : sum_of_footprint(first);
}

namespace detail {
/// Of all that lies in its pages, strangers' survivors too.
[[nodiscard]] inline std::uint32_t most_quarters(const lane& first) noexcept {
  std::uint32_t pages = first.small_pages.load(std::memory_order_relaxed);
  const std::uint32_t second = first.second.load(std::memory_order_relaxed);
  if (second != 0) pages += lane_at(second).small_pages.load(std::memory_order_relaxed);
  return pages * quarters_a_page + read_beside(first.run_quarters);
}

[[gnu::noinline]] inline void raise_peak(lane& first) noexcept {
  const auto quarters = static_cast<std::uint32_t>(footprint_bytes(first) >> quarter_shift);
  std::uint32_t peak = first.peak_quarters.load(std::memory_order_relaxed);
  while (peak < quarters &&
         !first.peak_quarters.compare_exchange_weak(peak, quarters, std::memory_order_relaxed)) {
  }
}

inline void raise_peak_to(lane& first, std::uint32_t most) noexcept {
  if (most > first.peak_quarters.load(std::memory_order_relaxed)) raise_peak(first);
}
}  // namespace detail

/// Keeps the arena's highest footprint, and how far its runs are from there. Pre: the lane
/// is an arena's first, and the caller may change the list of its runs.
inline void note_peak_of_runs(lane& first) noexcept {
  const std::uint32_t most = detail::most_quarters(first);
  detail::raise_peak_to(first, most);
  const std::uint32_t of_spans = most - first.run_quarters;
  const std::uint32_t peak = first.peak_quarters.load(std::memory_order_relaxed);
  const std::uint32_t below_peak = std::max(peak, of_spans) - of_spans;
  const bool is_plain = !has_limit(first) && !is_hardened();
  first.noted_run_quarters = is_plain ? std::max({below_peak, first.run_quarters, 1u}) : 0;
}

/// The same where the runs are about to become fewer. While they only become more, the
/// footprint is the peak, which whoever asks for it knows.
inline void note_peak_before_fewer_runs(lane& first) noexcept {
  const bool is_noted = first.run_quarters <= first.noted_run_quarters;
  if (!is_noted && first.noted_run_quarters != 0) [[unlikely]]
    note_peak_of_runs(first);
}

/// The same where they have become more.
inline void note_growth_of_runs(lane& first) noexcept {
  if (first.noted_run_quarters == 0) [[unlikely]]
    note_peak_of_runs(first);
}

namespace detail {
[[gnu::noinline]] inline void note_peak_beside_runs(lane& first) noexcept {
  if (!first.any_thread) return note_peak_of_runs(first);
  const lock_guard guard(first.runs_guard, lock_rank::runs);
  note_peak_of_runs(first);
}
}  // namespace detail

/// The same for a lane whose spans have grown. What is cheap to know mostly says that this
/// is no peak. Pre: the caller is inside the lane.
inline void note_peak(lane& in) noexcept {
  lane& first = lane_at(in.first_lane);
  if (read_beside(first.noted_run_quarters) > 1) return detail::note_peak_beside_runs(first);
  detail::raise_peak_to(first, detail::most_quarters(first));
}

/// The same where spans of a lane are about to go. Pre: the caller is inside that one.
inline void note_peak_before_fewer_spans(const lane& in) noexcept {
  lane& first = lane_at(in.first_lane);
  detail::raise_peak_to(first, detail::most_quarters(first));
}

}  // namespace connarena
