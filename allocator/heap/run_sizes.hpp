// run_sizes.hpp - the lengths of runs: every number of units to 64, then eight
// to a doubling, so that a payload with a header wastes at most an eighth.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/units.hpp"

namespace connarena {

/// A run taken from a page heap.
struct page_run {
  unit_index first;        ///< 0: none
  std::uint32_t resident;  ///< leading units that may not read as zero
};

/// Short runs of one length that nobody has, each linked to the next: see kept_info.
struct run_chain {
  unit_index first = 0;  ///< 0: none
  unit_index last = 0;
  std::uint32_t count = 0;
};

inline constexpr std::uint32_t exact_run_units = 64;
/// Enough for 2^30 quarters, which is 1 TiB of runs.
inline constexpr std::uint32_t run_class_count = exact_run_units + 8 * 24;

/// The largest class of at most so many units. Pre: units > 0.
[[nodiscard]] constexpr std::uint32_t run_class_within(std::uint32_t units) noexcept {
  if (units <= exact_run_units) return units - 1;
  const auto doubling = static_cast<std::uint32_t>(std::bit_width(units)) - 7;
  const std::uint32_t eighth = (units >> (doubling + 3)) & 7;
  return exact_run_units - 1 + 8 * doubling + eighth;
}

[[nodiscard]] constexpr std::uint32_t run_class_units(std::uint32_t index) noexcept {
  if (index < exact_run_units) return index + 1;
  const std::uint32_t above = index - (exact_run_units - 1);
  return (8 + above % 8) << (above / 8 + 3);
}

/// Rounds a length up to the nearest class. Pre: 0 < units <= 2^30.
[[nodiscard]] constexpr std::uint32_t round_to_run_class(std::uint32_t units) noexcept {
  if (units <= exact_run_units) return units;
  // Those of a doubling are multiples of an eighth of where it begins.
  const std::uint32_t step = std::bit_floor(units) / 8;
  return (units + step - 1) & ~(step - 1);
}

namespace detail {
extern constinit std::atomic<std::uint32_t> quarter_mask;
}  // namespace detail

/// From now on, and for good, a run takes whole pages of the system: where guards stand
/// between runs, or where their pages are retired.
void take_whole_pages() noexcept;

/// The fewest quarters that hold `bytes`, whether or not a run takes whole pages.
[[nodiscard]] inline std::uint32_t quarters_of_plain_run(std::size_t bytes) noexcept {
  return static_cast<std::uint32_t>((bytes + quarter_bytes - 1) >> quarter_shift);
}

/// Quarters of a run that hold `bytes`. Pre: bytes does not overflow when rounded up.
[[nodiscard]] inline std::uint32_t quarters_for(std::size_t bytes) noexcept {
  const std::uint32_t mask = detail::quarter_mask.load(std::memory_order_relaxed);
  return (quarters_of_plain_run(bytes) + mask) & ~mask;
}

static_assert(run_class_within(64) == 63 && run_class_within(65) == 63);
static_assert(run_class_within(72) == 64 && run_class_units(64) == 72);
static_assert(round_to_run_class(65) == 72 && round_to_run_class(1025) == 1152);
static_assert(round_to_run_class(64) == 64 && round_to_run_class(128) == 128);
static_assert(round_to_run_class(127) == 128 && round_to_run_class(1u << 30) == 1u << 30);
static_assert(run_class_within(1u << 30) < run_class_count);

}  // namespace connarena
