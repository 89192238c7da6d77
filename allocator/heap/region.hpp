// region.hpp - the one reserved address range, and the tables that describe it.
//
//   | control blocks | small pages … | run pages …                      |
//   0                control_end     small_end                          end
//
// All three parts are committed from their low end upwards, in large steps, so
// the number of mappings stays constant. Two tables lie outside the range:
//   page map      one entry a page of the whole region
//   granule table one byte a granule of control blocks and small pages
// An overflow of a block therefore reaches no metadata.
//
// Pointer-to-owner is a range check and one table load.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/units.hpp"
#include "os/lock.hpp"

namespace connarena {

/// What a page is part of; the top four bits of page_entry::owner.
enum class page_kind : std::uint32_t {
  none = 0,         ///< inside a run, a free run or a span not yet entered
  small = 1,        ///< small blocks of the lane in the low bits
  donated = 2,      ///< survivors of ended arenas; low bits: largest gap in granules
  run = 3,          ///< first page of a live run; low bits: its lane, 0 is unowned
  run_inside = 4,   ///< every 16th page of a run; info is the run's first page
  cached = 5,       ///< first page of a run in the page cache
  free_dirty = 6,   ///< first or last page of a free run that is still resident
  free_clean = 7,   ///< first or last page of a free run the system has back
};

/// 16 bytes a page. Which fields mean what depends on the kind:
///   small    info: live blocks and flags; of a span's first page also
///            next: the lane's next span, prev: pages of this span
///   donated  info: live blocks and flags; next, prev: list of equal gaps
///   run      info: pages; next, prev: runs of the same arena
///   free     info: pages (first and last page); next, prev: free runs like it
struct page_entry {
  std::atomic<std::uint32_t> owner;
  std::uint32_t info;
  std::uint32_t next;
  std::uint32_t prev;
};
static_assert(sizeof(page_entry) == 16);

inline constexpr unsigned kind_shift = 28;
inline constexpr std::uint32_t owner_index_mask = (1u << 24) - 1;

[[nodiscard]] constexpr std::uint32_t make_owner(page_kind kind, std::uint32_t index) noexcept {
  return (static_cast<std::uint32_t>(kind) << kind_shift) | index;
}
[[nodiscard]] constexpr page_kind kind_of(std::uint32_t owner) noexcept {
  return static_cast<page_kind>(owner >> kind_shift);
}
[[nodiscard]] constexpr std::uint32_t index_of(std::uint32_t owner) noexcept {
  return owner & owner_index_mask;
}

/// A part of the region, committed from its low end upwards. Guarded by the
/// lock of whoever allocates from it.
struct region_part {
  page_index begin;      ///< first page
  page_index end;        ///< one past the last page
  page_index committed;  ///< pages below are readable and writable
  bool has_granules;     ///< whether the granule table covers it
};

struct region_state {
  char* base;               ///< null until the region is reserved
  std::size_t bytes;        ///< length of the region; 0 until it is reserved
  std::uint8_t* granules;   ///< granule table
  page_entry* pages;        ///< page map
  std::size_t small_bytes;  ///< control blocks and small pages together
  granule_index control_end;
  std::uint32_t link_key;   ///< encodes free-list links
  std::size_t reserved_bytes;
  region_part control;
  region_part small;
  region_part runs;
};

extern constinit region_state region;

/// Reserves the region on first call; cheap afterwards. False if refused.
[[nodiscard]] bool region_ready() noexcept;

/// Makes pages of a part usable up to `end`. False when the part or the
/// system has no more. Threads: the caller holds the part's lock.
[[nodiscard]] bool commit_part(region_part& part, page_index end) noexcept;

[[nodiscard]] inline std::size_t offset_in_region(const void* address) noexcept {
  return static_cast<std::size_t>(static_cast<const char*>(address) - region.base);
}
[[nodiscard]] inline bool in_region(const void* address) noexcept {
  return offset_in_region(address) < region.bytes;
}
[[nodiscard]] inline char* page_address(page_index page) noexcept {
  return region.base + (std::size_t{page} << page_shift);
}
[[nodiscard]] inline char* granule_address(granule_index granule) noexcept {
  return region.base + (std::size_t{granule} << granule_shift);
}
[[nodiscard]] constexpr granule_index first_granule(page_index page) noexcept {
  return page * page_granules;
}
[[nodiscard]] constexpr page_index page_of(granule_index granule) noexcept {
  return granule / page_granules;
}

}  // namespace connarena
