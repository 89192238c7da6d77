#include "heap/retirement.hpp"

#include <algorithm>

#include "heap/hardening.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

constexpr std::uint32_t most_region_quarters = 1u << 29;  // 512 GiB
// One page of the owners' table describes a stretch of units: the shortest.
constexpr std::uint32_t least_stretch_units = page_bytes / sizeof(std::uint32_t);
// A stretch of retired pages between live ones splits a mapping into three: few of
// what Linux allows a process, 65,530 mappings.
constexpr std::uint32_t most_splits = 4096;

std::atomic<std::uint64_t> retired_stretches[most_region_quarters / least_stretch_units / 64];
std::atomic<std::uint32_t> retired_small_pages{0};
std::atomic<std::uint32_t> retired_quarters{0};
std::atomic<std::uint32_t> splits{0};
std::atomic<std::uint64_t> late{0};

/// On a retired page's owner: its own table entries are not needed any more.
constexpr std::uint32_t is_done = 1;

bool is_announced(unit_index unit) noexcept {
  return kind_of(region.owners[unit].load(std::memory_order_relaxed)) == page_kind::retired;
}

std::uint32_t stretch_units() noexcept {
  return static_cast<std::uint32_t>(region.system_page_bytes / sizeof(std::uint32_t));
}

bool is_retired_stretch(unit_index unit) noexcept {
  const unit_index number = unit / stretch_units();
  const std::uint64_t bits = retired_stretches[number / 64].load(std::memory_order_relaxed);
  return (bits >> number % 64 & 1) != 0;
}

/// True for the one caller that says so.
bool becomes_retired_stretch(unit_index first) noexcept {
  const unit_index number = first / stretch_units();
  const std::uint64_t bit = std::uint64_t{1} << number % 64;
  return (retired_stretches[number / 64].fetch_or(bit) & bit) == 0;
}

/// Pre: within a stretch.
bool are_all_retired(unit_index first, std::uint32_t units) noexcept {
  if (is_retired_stretch(first)) return true;
  for (unit_index unit = first; unit < first + units; ++unit) {
    // acquire: pairs with the release in retire_announced
    const std::uint32_t owner = region.owners[unit].load(std::memory_order_acquire);
    if (owner != make_owner(page_kind::retired, is_done)) return false;
  }
  return true;
}

/// Returns the pages of a table that describe nothing but retired pages around
/// [first, end). What the system refuses to take stays, as it is.
template <typename Entry>
void forget_table(Entry* table, std::uint32_t entries_a_page, unit_index first,
                  unit_index end) noexcept {
  const std::size_t a_page = region.system_page_bytes;
  const auto described = static_cast<std::uint32_t>(a_page / sizeof(Entry) / entries_a_page);
  for (unit_index from = first / described * described; from < end; from += described) {
    if (!are_all_retired(from, described)) continue;
    static_cast<void>(os::purge(table + std::size_t{from} * entries_a_page, a_page));
  }
}

void forget_stretches(unit_index first, unit_index end) noexcept {
  const std::uint32_t units = stretch_units();
  for (unit_index from = first / units * units; from < end; from += units) {
    if (is_retired_stretch(from) || !are_all_retired(from, units)) continue;
    if (becomes_retired_stretch(from)) {
      static_cast<void>(os::purge(region.owners + from, region.system_page_bytes));
    }
  }
}

/// Units [first, end), and those around them that share a page of the system with them if
/// they are retired as well: such a page goes with the last of them.
struct stretch {
  unit_index first;
  unit_index end;
};
stretch with_retired_neighbours(unit_index first, unit_index end) noexcept {
  const region_part& part = part_of(first);
  const unit_index begin = whole_pages_begin(part, first);
  const unit_index outer_end = whole_pages_end(part, end);
  return {are_all_retired(begin, first - begin) ? begin : first,
          are_all_retired(end, outer_end - end) ? outer_end : end};
}

/// Makes the whole pages among them inaccessible, if that may split another mapping or
/// splits none.
void guard(stretch retired) noexcept {
  const region_part& part = part_of(retired.first);
  const unit_index first = whole_pages_end(part, retired.first);
  const unit_index end = whole_pages_begin(part, retired.end);
  if (first >= end) return;
  const bool joins = is_retired(first - 1) || is_retired(end);
  if (!joins && os::guards_split_mappings() &&
      splits.fetch_add(1, std::memory_order_relaxed) >= most_splits) {
    return;
  }
  static_cast<void>(os::guard(address_in(part, first), std::size_t{end - first} << part.shift));
}

bool has_room(const region_part& part, const region_part& more, std::uint32_t retired) noexcept {
  const std::uint32_t units = part.end - part.begin + (more.end - more.begin);
  return retired < units / 4 * 3;
}

bool is_small_page(unit_index unit) noexcept { return unit < region.runs.begin; }

}  // namespace

bool may_retire() noexcept {
  constexpr region_part none{};
  return has_room(region.small, none, retired_small_pages.load(std::memory_order_relaxed)) &&
         has_room(region.runs, region.base_runs, retired_quarters.load(std::memory_order_relaxed));
}

bool has_retired_pages() noexcept {
  return retired_small_pages.load(std::memory_order_relaxed) != 0;
}

void announce_retired(unit_index first, std::uint32_t units) noexcept {
  for (unit_index unit = first; unit < first + units; ++unit) {
    // seq_cst: comes before the look at what others are freeing there, as their mark
    // comes before their look at the owner
    region.owners[unit].store(make_owner(page_kind::retired, 0));
  }
  (is_small_page(first) ? retired_small_pages : retired_quarters).fetch_add(units);
}

void retire_announced(unit_index first, std::uint32_t units) noexcept {
  const stretch retired = with_retired_neighbours(first, first + units);
  static_cast<void>(purge_units(retired.first, retired.end - retired.first));
  if (is_hardened()) guard(retired);
  for (unit_index unit = first; unit < first + units; ++unit) {
    // release: pairs with the acquire in are_all_retired
    region.owners[unit].store(make_owner(page_kind::retired, is_done), std::memory_order_release);
  }
  forget_table(region.infos, 1, first, first + units);
  if (is_small_page(first)) forget_table(region.granules, page_granules, first, first + units);
  forget_stretches(first, first + units);
}

bool is_retired(unit_index unit) noexcept { return is_announced(unit) || is_retired_stretch(unit); }

void note_late_free() noexcept { late.fetch_add(1, std::memory_order_relaxed); }

std::uint64_t late_frees() noexcept { return late.load(std::memory_order_relaxed); }

}  // namespace connarena
