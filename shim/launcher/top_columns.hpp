// top_columns.hpp - the columns of `connarena top`: what they show, and how rows are sorted
// by them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "shim/launcher/live_segments.hpp"

namespace connarena::launcher {

struct column {
  const char* name;
  std::size_t width;
  std::size_t rank;  ///< where there is no room for all, those with the highest go first
  bool is_left;      ///< text, that begins with the smallest
  std::string (*text)(const live_connection&);
  bool (*is_less)(const live_connection&, const live_connection&);
};

/// In the order in which they stand.
[[nodiscard]] const std::vector<column>& columns();
/// The number of the one with a name; columns().size(): there is none.
[[nodiscard]] std::size_t column_named(std::string_view name);
/// "id, footprint, live"...
[[nodiscard]] std::string column_names();

/// What is seen of a table.
struct table_order {
  std::size_t column = 2;    ///< the footprint
  bool is_reversed = false;  ///< the smallest number, or the last text, first
  std::string filter;        ///< only rows that show it in some column
};

/// The rows that the filter leaves, in order.
[[nodiscard]] std::vector<const live_connection*> ordered(const live_process& of,
                                                          const table_order& by);

/// The numbers of those that fit.
[[nodiscard]] std::vector<std::size_t> columns_within(std::size_t width);
/// The sorted column's name has a mark.
[[nodiscard]] std::string heading_of(const std::vector<std::size_t>& shown, const table_order& by);
[[nodiscard]] std::string line_of(const live_connection& row,
                                  const std::vector<std::size_t>& shown);

}  // namespace connarena::launcher
