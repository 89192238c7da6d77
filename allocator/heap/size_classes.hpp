// size_classes.hpp - the sizes of small blocks: four to a doubling above 128 B.
//
// A request is looked up in one byte table by its size in granules. Anything
// larger than max_small_bytes is a run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/units.hpp"

namespace connarena {

/// Index of a size class, 0 to class_count - 1.
using size_class = std::uint8_t;

inline constexpr std::array<std::uint8_t, 27> class_granules = {
    1,  2,  3,   4,   5,   6,   7,   8,                   // 16 to 128 B by 16
    10, 12, 14,  16,  20,  24,  28,  32, 40, 48, 56, 64,  // to 1 KiB
    80, 96, 112, 128, 160, 192, 224,                      // to 3.5 KiB
};
inline constexpr std::size_t class_count = class_granules.size();
inline constexpr std::uint32_t max_small_granules = class_granules.back();
inline constexpr std::size_t max_small_bytes = max_small_granules * granule_bytes;

namespace detail {
consteval auto make_class_table() {
  std::array<std::uint8_t, max_small_granules + 1> table{};
  std::uint8_t current = 0;
  for (std::size_t granules = 0; granules < table.size(); ++granules) {
    if (granules > class_granules[current]) ++current;
    table[granules] = current;
  }
  return table;
}

/// The largest class that fits into a gap of so many granules.
consteval auto make_floor_table() {
  std::array<std::uint8_t, page_granules + 1> table{};
  for (std::size_t granules = 1; granules < table.size(); ++granules) {
    std::uint8_t fits = 0;
    while (fits + 1u < class_count && class_granules[fits + 1u] <= granules) ++fits;
    table[granules] = fits;
  }
  return table;
}
}  // namespace detail

inline constexpr auto class_of_granules = detail::make_class_table();
inline constexpr auto class_within_granules = detail::make_floor_table();

/// Pre: size_bytes <= max_small_bytes. A size of 0 gets the smallest class.
[[nodiscard]] constexpr size_class class_of(std::size_t size_bytes) noexcept {
  return class_of_granules[(size_bytes + granule_bytes - 1) >> granule_shift];
}

[[nodiscard]] constexpr std::size_t class_bytes(size_class index) noexcept {
  return std::size_t{class_granules[index]} << granule_shift;
}

static_assert(class_of(0) == 0 && class_of(16) == 0 && class_of(17) == 1);
static_assert(class_bytes(class_of(max_small_bytes)) == max_small_bytes);
static_assert(max_small_granules < page_granules,
              "a small block is shorter than a page, though it may lie on two");

}  // namespace connarena
