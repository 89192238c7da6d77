#include "heap/retirement.hpp"

#include <algorithm>

#include "heap/hardening.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

constexpr std::uint32_t most_region_quarters = 1u << 29;  // 512 GiB
// One page of the owners' table describes a stretch of units.
constexpr std::uint32_t stretch_units = page_bytes / sizeof(std::uint32_t);
// A stretch of retired pages between live ones splits a mapping into three: few of
// what Linux allows a process, 65,530 mappings.
constexpr std::uint32_t most_splits = 4096;

std::atomic<std::uint64_t> retired_stretches[most_region_quarters / stretch_units / 64];
std::atomic<std::uint32_t> retired_small_pages{0};
std::atomic<std::uint32_t> retired_quarters{0};
std::atomic<std::uint32_t> splits{0};
std::atomic<std::uint64_t> late{0};

/// On a retired page's owner: its own table entries are not needed any more.
constexpr std::uint32_t is_done = 1;

bool is_announced(unit_index unit) noexcept {
  return kind_of(region.owners[unit].load(std::memory_order_relaxed)) == page_kind::retired;
}

bool is_retired_stretch(unit_index unit) noexcept {
  const unit_index number = unit / stretch_units;
  const std::uint64_t bits = retired_stretches[number / 64].load(std::memory_order_relaxed);
  return (bits >> number % 64 & 1) != 0;
}

/// True for the one caller that says so.
bool becomes_retired_stretch(unit_index first) noexcept {
  const unit_index number = first / stretch_units;
  const std::uint64_t bit = std::uint64_t{1} << number % 64;
  return (retired_stretches[number / 64].fetch_or(bit) & bit) == 0;
}

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
  const auto described = static_cast<std::uint32_t>(page_bytes / sizeof(Entry) / entries_a_page);
  for (unit_index from = first / described * described; from < end; from += described) {
    if (!are_all_retired(from, described)) continue;
    static_cast<void>(os::purge(table + std::size_t{from} * entries_a_page, page_bytes));
  }
}

void forget_stretches(unit_index first, unit_index end) noexcept {
  for (unit_index from = first / stretch_units * stretch_units; from < end; from += stretch_units) {
    if (is_retired_stretch(from) || !are_all_retired(from, stretch_units)) continue;
    if (becomes_retired_stretch(from)) {
      static_cast<void>(os::purge(region.owners + from, page_bytes));
    }
  }
}

/// Makes pages inaccessible, if that may split another mapping or splits none.
void guard(unit_index first, std::uint32_t units) noexcept {
  const bool joins = is_retired(first - 1) || is_retired(first + units);
  if (!joins && os::guards_split_mappings() &&
      splits.fetch_add(1, std::memory_order_relaxed) >= most_splits) {
    return;
  }
  const region_part& part = part_of(first);
  static_cast<void>(os::guard(address_in(part, first), std::size_t{units} << part.shift));
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
  static_cast<void>(purge_units(first, units));
  if (is_hardened()) guard(first, units);
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
