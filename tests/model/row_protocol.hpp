// row_protocol.hpp - how live figures that pass from one connection to the next are read, step
// by step: a row, as allocator/live/own_segment.cpp writes it and
// shim/launcher/live_segments.cpp reads it, or the largest blocks of one connection, as
// shim/lifetime/live_rows.cpp writes them. One writes, another reads and takes what it has read
// if it has found the same id before and afterwards.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/view_memory.hpp"

namespace model {

/// What is before the figures of another: rows have each of them release that the id is nobody's,
/// blocks have a fence.
enum class figures_come : std::uint8_t { by_releases, after_fence };

/// What is wrong on purpose, to see that the walk finds it.
enum class row_mistake : std::uint8_t {
  none,
  relaxed_figures,     ///< they may be seen before the id is nobody's
  relaxed_id,          ///< it may be seen before its figures
  relaxed_first_look,  ///< a reader may see figures of before the id
  no_fence_of_reader,  ///< the second look may see the id of before the figures
  no_second_look,
};

inline constexpr std::size_t figures_of_row = 2;
inline constexpr std::size_t most_values = 10;  ///< of a cell: three for each owner of the row

struct row_state {
  view_memory<figures_of_row + 1, 2, most_values> memory;
  std::uint8_t written;  ///< step of whoever writes
  std::uint8_t owner;    ///< whose figures it writes
  std::uint8_t read;     ///< step of the reader
  std::uint8_t id;       ///< it has found
  std::array<std::uint8_t, figures_of_row> figures;
  std::uint8_t is_taken;
};

class row_protocol {
 public:
  row_protocol(figures_come how, row_mistake wrong) : how_(how), wrong_(wrong) {}

  /// The writer; and the reader, for each age of what it may read.
  [[nodiscard]] std::size_t actors() const { return 1 + most_values; }
  [[nodiscard]] bool step(row_state& state, std::size_t actor) const;
  [[nodiscard]] const char* failure_of(const row_state& state) const;
  [[nodiscard]] bool has_ended(const row_state& state) const;

 private:
  [[nodiscard]] bool write_step(row_state& state) const;
  [[nodiscard]] bool read_step(row_state& state, std::size_t age) const;

  figures_come how_;
  row_mistake wrong_;
};

}  // namespace model
