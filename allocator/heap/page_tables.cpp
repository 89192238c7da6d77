#include "heap/page_tables.hpp"

#include <algorithm>

#include "heap/page_infos.hpp"
#include "heap/region.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

/// The units that a page of the system describes of a table with so many bytes for each.
unit_index units_described(std::size_t bytes_a_unit) noexcept {
  return static_cast<unit_index>(region.system_page_bytes / bytes_a_unit);
}

/// Zeroes the granule table of small pages [first, end) that became clean, as
/// part of the clean run `merged`. Whole pages of the table, where one of 4 KiB describes
/// 16 pages, go back to the system once all of those are clean.
void forget_granules(unit_index first, unit_index end, unit_index merged) noexcept {
  const unit_index table_pages = units_described(page_granules);
  const unit_index mask = ~(table_pages - 1);
  const unit_index merged_end = merged + free_info(merged).units();
  const unit_index inner = std::max((merged + table_pages - 1) & mask, first & mask);
  const unit_index inner_end = std::min(merged_end & mask, (end + table_pages - 1) & mask);
  const auto zero = [](unit_index from, unit_index to) {
    if (from >= to) return;
    __builtin_memset(region.granules + first_granule(from), 0,
                     std::size_t{to - from} * page_granules);
  };
  if (inner >= inner_end) return zero(first, end);
  zero(first, std::min(inner, end));
  zero(std::max(inner_end, first), end);
  const std::size_t table_bytes = std::size_t{inner_end - inner} * page_granules;
  if (!os::purge(region.granules + first_granule(inner), table_bytes)) zero(inner, inner_end);
}

/// Calls `take(from, to)` with the entries on pages of a table, with an entry for each
/// unit, that describe nothing but the inside of the clean run `merged`, of which
/// [first, end) became part.
template <typename Entry, typename Take>
void for_inner_entries(Entry*, unit_index first, unit_index end, unit_index merged,
                       Take take) noexcept {
  const unit_index table_units = units_described(sizeof(Entry));
  const unit_index mask = ~(table_units - 1);
  const unit_index merged_end = merged + free_info(merged).units();
  // The edges have one.
  const unit_index inner = std::max((merged + table_units) & mask, first & mask);
  const unit_index inner_end = std::min((merged_end - 1) & mask, (end + table_units - 1) & mask);
  if (inner < inner_end) take(inner, inner_end);
}

/// Returns entries. Where the system refuses they stay, as they are.
template <typename Entry>
void return_entries(Entry* table, unit_index from, unit_index to) noexcept {
  static_cast<void>(os::purge(table + from, std::size_t{to - from} * sizeof(Entry)));
}

template <typename Entry>
void forget_entries(Entry* table, unit_index first, unit_index end, unit_index merged) noexcept {
  for_inner_entries(table, first, end, merged,
                    [table](unit_index from, unit_index to) { return_entries(table, from, to); });
}

/// The owners that remember a released run stay.
void forget_plain_owners(unit_index first, unit_index end, unit_index merged) noexcept {
  for_inner_entries(region.owners, first, end, merged, [](unit_index from, unit_index to) {
    const unit_index table_units = units_described(sizeof(std::uint32_t));
    for (; from < to; from += table_units) {
      const bool is_plain =
          std::all_of(region.owners + from, region.owners + from + table_units,
                      [](const auto& owner) { return owner.load(std::memory_order_relaxed) == 0; });
      if (is_plain) return_entries(region.owners, from, from + table_units);
    }
  });
}

}  // namespace

void forget_small_pages(unit_index first, unit_index end, unit_index merged) noexcept {
  forget_entries(region.infos, first, end, merged);
  forget_entries(region.owners, first, end, merged);
  forget_granules(first, end, merged);
}

void forget_quarters(unit_index first, unit_index end, unit_index merged) noexcept {
  forget_entries(region.infos, first, end, merged);
  forget_plain_owners(first, end, merged);
}

}  // namespace connarena
