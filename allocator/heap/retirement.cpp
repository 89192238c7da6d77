#include "heap/retirement.hpp"

#include <algorithm>

#include "heap/hardening.hpp"
#include "heap/page_infos.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

constexpr std::uint32_t most_region_pages = 1u << 29;  // 512 GiB of runs
// One page of the owners' table describes a stretch.
constexpr std::uint32_t stretch_pages = page_bytes / sizeof(std::uint32_t);
// A stretch of retired pages between live ones splits a mapping into three: few of
// what Linux allows a process, 65,530 mappings.
constexpr std::uint32_t most_splits = 4096;

std::atomic<std::uint64_t> retired_stretches[most_region_pages / stretch_pages / 64];
std::atomic<std::uint32_t> retired_small_pages{0};
std::atomic<std::uint32_t> retired_run_pages{0};
std::atomic<std::uint32_t> splits{0};
std::atomic<std::uint64_t> late{0};

/// On a retired page's owner: its own table entries are not needed any more.
constexpr std::uint32_t is_done = 1;

bool is_announced(page_index page) noexcept {
  return kind_of(region.owners[page].load(std::memory_order_relaxed)) == page_kind::retired;
}

bool is_retired_stretch(page_index page) noexcept {
  const page_index number = page / stretch_pages;
  const std::uint64_t bits = retired_stretches[number / 64].load(std::memory_order_relaxed);
  return (bits >> number % 64 & 1) != 0;
}

/// True for the one caller that says so.
bool becomes_retired_stretch(page_index first) noexcept {
  const page_index number = first / stretch_pages;
  const std::uint64_t bit = std::uint64_t{1} << number % 64;
  return (retired_stretches[number / 64].fetch_or(bit) & bit) == 0;
}

bool are_all_retired(page_index first, std::uint32_t pages) noexcept {
  if (is_retired_stretch(first)) return true;
  for (page_index page = first; page < first + pages; ++page) {
    // acquire: pairs with the release in retire_announced
    const std::uint32_t owner = region.owners[page].load(std::memory_order_acquire);
    if (owner != make_owner(page_kind::retired, is_done)) return false;
  }
  return true;
}

/// Returns the pages of a table that describe nothing but retired pages around
/// [first, end). What the system refuses to take stays, as it is.
template <typename Entry>
void forget_table(Entry* table, std::uint32_t entries_a_page, page_index first,
                  page_index end) noexcept {
  const auto described = static_cast<std::uint32_t>(page_bytes / sizeof(Entry) / entries_a_page);
  for (page_index from = first / described * described; from < end; from += described) {
    if (!are_all_retired(from, described)) continue;
    static_cast<void>(os::purge(table + std::size_t{from} * entries_a_page, page_bytes));
  }
}

void forget_stretches(page_index first, page_index end) noexcept {
  for (page_index from = first / stretch_pages * stretch_pages; from < end; from += stretch_pages) {
    if (is_retired_stretch(from) || !are_all_retired(from, stretch_pages)) continue;
    if (becomes_retired_stretch(from)) {
      static_cast<void>(os::purge(region.owners + from, page_bytes));
    }
  }
}

/// Makes pages inaccessible, if that may split another mapping or splits none.
void guard(page_index first, std::uint32_t pages) noexcept {
  const bool joins = is_retired(first - 1) || is_retired(first + pages);
  if (!joins && os::guards_split_mappings() &&
      splits.fetch_add(1, std::memory_order_relaxed) >= most_splits) {
    return;
  }
  const region_part& part = part_of(first);
  static_cast<void>(os::guard(address_in(part, first), std::size_t{pages} << part.shift));
}

bool has_room(const region_part& part, const region_part& more, std::uint32_t retired) noexcept {
  const std::uint32_t pages = part.end - part.begin + (more.end - more.begin);
  return retired < pages / 4 * 3;
}

bool is_small_page(page_index page) noexcept { return page < region.runs.begin; }

}  // namespace

bool may_retire() noexcept {
  constexpr region_part none{};
  return has_room(region.small, none, retired_small_pages.load(std::memory_order_relaxed)) &&
         has_room(region.runs, region.base_runs, retired_run_pages.load(std::memory_order_relaxed));
}

bool has_retired_pages() noexcept {
  return retired_small_pages.load(std::memory_order_relaxed) != 0;
}

void announce_retired(page_index first, std::uint32_t pages) noexcept {
  for (page_index page = first; page < first + pages; ++page) {
    // seq_cst: comes before the look at what others are freeing there, as their mark
    // comes before their look at the owner
    region.owners[page].store(make_owner(page_kind::retired, 0));
  }
  (is_small_page(first) ? retired_small_pages : retired_run_pages).fetch_add(pages);
}

void retire_announced(page_index first, std::uint32_t pages) noexcept {
  static_cast<void>(purge_pages(first, pages));
  if (is_hardened()) guard(first, pages);
  for (page_index page = first; page < first + pages; ++page) {
    // release: pairs with the acquire in are_all_retired
    region.owners[page].store(make_owner(page_kind::retired, is_done), std::memory_order_release);
  }
  forget_table(region.infos, 1, first, first + pages);
  if (is_small_page(first)) forget_table(region.granules, page_granules, first, first + pages);
  forget_stretches(first, first + pages);
}

bool is_retired(page_index page) noexcept { return is_announced(page) || is_retired_stretch(page); }

void note_late_free() noexcept { late.fetch_add(1, std::memory_order_relaxed); }

std::uint64_t late_frees() noexcept { return late.load(std::memory_order_relaxed); }

}  // namespace connarena
