// region_layout.hpp - how large the region's parts and tables are, and where each lies.
//
// For the region's own files.
#pragma once

#include <cstddef>

#include "heap/region.hpp"

namespace connarena {

/// Sizes of the parts and tables of a region, of whole pages of any system.
struct region_layout {
  std::size_t slots, small, runs, base_runs;
  std::size_t granules, owners, infos, slot_owners, links, slot_notes, lanes, lane_notes;

  [[nodiscard]] std::size_t parts() const noexcept { return slots + small + runs + base_runs; }
  [[nodiscard]] std::size_t tables() const noexcept {
    return granules + owners + infos + slot_owners + links + slot_notes + lanes + lane_notes;
  }
  [[nodiscard]] std::size_t all() const noexcept { return parts() + tables(); }
};

/// The least there is.
inline constexpr std::size_t least_region_bytes = 16 * mib;

/// For parts of so many bytes, a power of two.
[[nodiscard]] region_layout layout_for(std::size_t region_bytes) noexcept;
/// The largest layout of at most so many bytes, or the least there is.
[[nodiscard]] region_layout layout_within(std::size_t most_bytes) noexcept;

/// Says where everything lies. Nothing of it is reserved yet.
void lay_out(char* base, const region_layout& size) noexcept;

/// Calls `visit(table, bytes)` for the tables that describe a part; a table takes
/// `bytes` for a group of pages, and the group that starts at page 0 comes first.
/// Stops where that is false.
template <typename Visit>
bool each_table(const region_part& part, Visit visit) noexcept {
  constexpr std::size_t granules_a_group = std::size_t{group_pages} * page_granules;
  const auto see = [&visit](auto* table, std::size_t bytes) {
    return visit(reinterpret_cast<char*>(table), bytes);
  };
  if (&part == &region.lane_pages) return see(region.lane_notes, group_notes_bytes);
  if (&part == &region.slots) {
    // A block that may be either kind is first looked up as one of a small page.
    return see(region.owners, group_pages * sizeof(std::uint32_t)) &&
           see(region.slot_owners, group_slots * sizeof(std::uint32_t)) &&
           see(region.links, group_slots * sizeof(slot_links)) &&
           see(region.slot_notes, group_notes_bytes) && see(region.granules, granules_a_group);
  }
  if (!see(region.owners, group_pages * sizeof(std::uint32_t))) return false;
  if (!see(region.infos, group_pages * sizeof(page_info))) return false;
  return &part != &region.small || see(region.granules, granules_a_group);
}

/// Where pages of a part lie: lanes are no part of the range.
[[nodiscard]] inline char* part_address(const region_part& part, unit_index page) noexcept {
  return &part == &region.lane_pages ? region.lanes + (std::size_t{page} << part.shift)
                                     : address_in(part, page);
}

/// Bytes of a table before those that start with a page's, up to a whole page of the system.
[[nodiscard]] inline std::size_t table_bytes_up_to(unit_index page, std::size_t group) noexcept {
  return round_up((page * group + group_pages - 1) / group_pages, region.system_page_bytes);
}

}  // namespace connarena
