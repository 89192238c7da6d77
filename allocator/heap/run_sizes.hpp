// run_sizes.hpp - the lengths of runs: every number of pages to 16, then eight
// to a doubling, so that a payload with a header wastes at most an eighth.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace connarena {

inline constexpr std::uint32_t exact_run_pages = 16;
/// Enough for 2^28 pages, which is 1 TiB.
inline constexpr std::uint32_t run_class_count = exact_run_pages + 8 * 24;

/// The largest class of at most so many pages. Pre: pages > 0.
[[nodiscard]] constexpr std::uint32_t run_class_within(std::uint32_t pages) noexcept {
  if (pages <= exact_run_pages) return pages - 1;
  const auto doubling = static_cast<std::uint32_t>(std::bit_width(pages)) - 5;
  const std::uint32_t eighth = (pages >> (doubling + 1)) & 7;
  return exact_run_pages - 1 + 8 * doubling + eighth;
}

[[nodiscard]] constexpr std::uint32_t run_class_pages(std::uint32_t index) noexcept {
  if (index < exact_run_pages) return index + 1;
  const std::uint32_t above = index - (exact_run_pages - 1);
  return (8 + above % 8) << (above / 8 + 1);
}

/// Rounds a length up to the nearest class. Pre: 0 < pages <= 2^28.
[[nodiscard]] constexpr std::uint32_t round_to_run_class(std::uint32_t pages) noexcept {
  const std::uint32_t within = run_class_within(pages);
  const std::uint32_t exact = run_class_pages(within);
  return exact == pages ? pages : run_class_pages(within + 1);
}

static_assert(run_class_within(16) == 15 && run_class_within(17) == 15);
static_assert(run_class_within(18) == 16 && run_class_pages(16) == 18);
static_assert(round_to_run_class(17) == 18 && round_to_run_class(257) == 288);
static_assert(run_class_within(1u << 28) < run_class_count);

}  // namespace connarena
