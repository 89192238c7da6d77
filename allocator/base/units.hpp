// units.hpp - the sizes everything else is measured in. Used by all layers.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace connarena {

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;
inline constexpr std::size_t gib = 1024 * mib;

inline constexpr unsigned page_shift = 12;
inline constexpr std::size_t page_bytes = std::size_t{1} << page_shift;

/// Runs are made of quarters of a page, so that a block of a little more than a page
/// wastes little. Neighbours share a page where they meet.
inline constexpr unsigned quarter_shift = 10;
inline constexpr std::size_t quarter_bytes = std::size_t{1} << quarter_shift;
inline constexpr std::uint32_t quarters_a_page = page_bytes / quarter_bytes;

/// A granule is the unit of small blocks: every block starts on one.
inline constexpr unsigned granule_shift = 4;
inline constexpr std::size_t granule_bytes = std::size_t{1} << granule_shift;
inline constexpr std::uint32_t page_granules = page_bytes / granule_bytes;

using granule_index = std::uint32_t;

/// Numbers what the tables have an entry for: from the start of the region the pages of
/// small blocks, and behind them the quarters of runs. So 32 bits reach all of it. What
/// deals with either kind counts units.
using unit_index = std::uint32_t;
using page_index = unit_index;

/// No page is a quarter, nor the other way round.
struct quarter_index {
  unit_index unit;  ///< 0: none

  explicit constexpr operator bool() const noexcept { return unit != 0; }
  friend constexpr auto operator<=>(quarter_index, quarter_index) noexcept = default;
  constexpr quarter_index& operator+=(std::uint32_t quarters) noexcept {
    unit += quarters;
    return *this;
  }
  constexpr quarter_index& operator-=(std::uint32_t quarters) noexcept {
    unit -= quarters;
    return *this;
  }
};
[[nodiscard]] constexpr quarter_index operator+(quarter_index from,
                                                std::uint32_t quarters) noexcept {
  return from += quarters;
}
[[nodiscard]] constexpr quarter_index operator-(quarter_index from,
                                                std::uint32_t quarters) noexcept {
  return from -= quarters;
}
/// Quarters from one to the other.
[[nodiscard]] constexpr std::uint32_t operator-(quarter_index to, quarter_index from) noexcept {
  return to.unit - from.unit;
}

[[nodiscard]] constexpr std::size_t round_up(std::size_t value, std::size_t power_of_two) noexcept {
  return (value + power_of_two - 1) & ~(power_of_two - 1);
}

[[nodiscard]] constexpr std::size_t round_down(std::size_t value,
                                               std::size_t power_of_two) noexcept {
  return value & ~(power_of_two - 1);
}

/// Pages that hold `bytes`. Pre: bytes does not overflow when rounded up.
[[nodiscard]] constexpr std::size_t pages_for(std::size_t bytes) noexcept {
  return (bytes + page_bytes - 1) >> page_shift;
}

}  // namespace connarena
