// store_buffer.hpp - the stores of a model's thread that are on their way to the memory.
//
// They arrive later, and in any order but for those to one cell, and releases, before which
// all earlier ones arrive: as on arm64. The thread itself sees them at once.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace model {

template <std::size_t Most>
struct store_buffer {
  static constexpr std::size_t most = Most;

  std::uint8_t count;  ///< the oldest first
  std::array<std::uint8_t, Most> cells;
  std::array<std::uint8_t, Most> values;

  /// False if too many are on their way.
  [[nodiscard]] bool push(std::uint8_t cell, std::uint8_t value) {
    if (count == Most) return false;
    cells[count] = cell;
    values[count++] = value;
    return true;
  }

  [[nodiscard]] bool is_empty() const { return count == 0; }
  [[nodiscard]] bool has(std::uint8_t cell) const { return first_of(cell) != count; }

  /// What the thread reads where the memory says `present`.
  [[nodiscard]] std::uint8_t read(std::uint8_t cell, std::uint8_t present) const {
    for (std::size_t i = 0; i < count; ++i) {
      if (cells[i] == cell) present = values[i];
    }
    return present;
  }

  /// One arrives, if none that has to come before it is still on its way.
  template <typename Memory, typename Releases>
  [[nodiscard]] bool let_arrive(Memory& memory, std::size_t number, Releases releases) {
    if (number >= count || (number != 0 && releases(cells[number], values[number]))) return false;
    if (first_of(cells[number]) != number) return false;
    memory[cells[number]] = values[number];
    remove(cells, number);
    remove(values, number);
    --count;
    return true;
  }

  /// All do, as at a fence.
  template <typename Memory>
  void let_all_arrive(Memory& memory) {
    for (std::size_t i = 0; i < count; ++i) memory[cells[i]] = values[i];
    *this = {};
  }

 private:
  [[nodiscard]] std::size_t first_of(std::uint8_t cell) const {
    return static_cast<std::size_t>(std::find(cells.begin(), cells.begin() + count, cell) -
                                    cells.begin());
  }
  /// What nobody uses is zero: equal states have equal bytes.
  static void remove(std::array<std::uint8_t, Most>& from, std::size_t number) {
    const auto at = from.begin() + static_cast<std::ptrdiff_t>(number);
    std::rotate(at, at + 1, from.end());
    from.back() = 0;
  }
};

}  // namespace model
