// connection_table.hpp - the table of connections that `stats` and `top` show: its columns,
// and how rows are sorted by them.
#pragma once

#include <cstddef>
#include <cstdint>
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

inline constexpr std::size_t all_connections = SIZE_MAX;

/// As plain text, with every column: so many rows, and a last line says how many more there
/// are. Empty if there are no connections.
[[nodiscard]] std::string table_text(const live_process& of, const table_order& by,
                                     std::size_t most = all_connections);

}  // namespace connarena::launcher
