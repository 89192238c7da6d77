// units.hpp - the sizes everything else is measured in. Used by all layers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace connarena {

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;
inline constexpr std::size_t gib = 1024 * mib;

inline constexpr unsigned page_shift = 12;
inline constexpr std::size_t page_bytes = std::size_t{1} << page_shift;

/// Runs are made of pages of their own, a quarter of the system's: so that a block of
/// a little more than a page wastes little. Neighbours share the system's page where
/// they meet.
inline constexpr unsigned run_page_shift = 10;
inline constexpr std::size_t run_page_bytes = std::size_t{1} << run_page_shift;
inline constexpr std::uint32_t run_pages_a_page = page_bytes / run_page_bytes;

/// A granule is the unit of small blocks: every block starts on one.
inline constexpr unsigned granule_shift = 4;
inline constexpr std::size_t granule_bytes = std::size_t{1} << granule_shift;
inline constexpr std::uint32_t page_granules = page_bytes / granule_bytes;

/// Counts from the start of the region, run pages after the pages of small blocks, so
/// that 32 bits reach all of it.
using page_index = std::uint32_t;
using granule_index = std::uint32_t;

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
