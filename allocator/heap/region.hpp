// region.hpp - the one reserved address range, and the tables that describe it.
//
//   | first blocks | small pages … | connection runs … | base runs … | tables |
//
// The range is chosen, and of each part and table is reserved what is wanted soon, from
// its low end upwards: see reservation.hpp. What is used of that is committed, in steps
// that grow with it, so that the number of mappings stays small. The tables lie out of
// line: an overflow of a block reaches no metadata.
//   granule table  a byte a granule of first blocks and small pages
//   page owners    whose a unit is: pointer-to-owner is a range check and a load
//   page infos     lists and lengths, kept at the first unit of a span or run: see
//                  page_infos.hpp
//   slot tables    the same for first blocks
//   lanes          the arenas' control blocks
//   places         which first blocks and lanes are free: see slot_pool.hpp
// Huge pages are kept out of all but the base runs.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/units.hpp"

namespace connarena {

/// What a page, a quarter or a first block is part of: the top four bits of its owner.
enum class page_kind : std::uint32_t {
  none = 0,         ///< free, or inside a free span or run
  small = 1,        ///< small blocks; low bits: the lane
  donated = 2,      ///< survivors of ended arenas; belongs to the process
  run = 3,          ///< first quarter of a live run; low bits: its lane, 0 is unowned
  run_inside = 4,   ///< a marked quarter of a run; low bits: how far its first one is back
  free_edge = 5,    ///< first or last unit of a clean free run, which knows its length
  cached_edge = 7,  ///< the same of a cached one
  released = 6,     ///< was a run's first quarter when its arena was released
  retired = 9,      ///< of a survivor that was released; nobody gets it again
  guard = 8,        ///< last quarter before a guarded run, which knows how many there are
};

inline constexpr unsigned kind_shift = 28;
inline constexpr std::uint32_t owner_index_mask = (1u << 24) - 1;
/// On a run's owner: the owner did I/O on it; connections share it for good.
inline constexpr std::uint32_t did_io_flag = 1u << 24;
inline constexpr std::uint32_t shared_flag = 1u << 25;
/// On a run's owner: it was moved here to grow.
inline constexpr std::uint32_t grew_flag = 1u << 26;
/// On a run's owner: it was unowned before, and may be more than this owner's own.
inline constexpr std::uint32_t adopted_flag = 1u << 27;

[[nodiscard]] constexpr std::uint32_t make_owner(page_kind kind, std::uint32_t index) noexcept {
  return (static_cast<std::uint32_t>(kind) << kind_shift) | index;
}
[[nodiscard]] constexpr page_kind kind_of(std::uint32_t owner) noexcept {
  return static_cast<page_kind>(owner >> kind_shift);
}
[[nodiscard]] constexpr std::uint32_t index_of(std::uint32_t owner) noexcept {
  return owner & owner_index_mask;
}

/// On the index of a free run's edge: a run started here whose arena was released. Above it,
/// the number of who has the free run: 0 is the page heap, others are shelves.
inline constexpr std::uint32_t released_edge = 1;
[[nodiscard]] constexpr std::uint32_t make_edge(page_kind edge, std::uint32_t number,
                                                bool released) noexcept {
  return make_owner(edge, number << 1 | (released ? released_edge : 0));
}
[[nodiscard]] constexpr std::uint32_t number_of_edge(std::uint32_t owner) noexcept {
  return index_of(owner) >> 1;
}
/// Whether what is free there was a run's start when its arena was released.
[[nodiscard]] constexpr bool was_released(std::uint32_t owner) noexcept {
  const page_kind kind = kind_of(owner);
  const bool is_edge = kind == page_kind::cached_edge || kind == page_kind::free_edge;
  return kind == page_kind::released || (is_edge && (owner & released_edge) != 0);
}

/// Of a marked quarter of a run.
[[nodiscard]] constexpr std::uint32_t distance_of(std::uint32_t owner) noexcept {
  return owner & ((1u << kind_shift) - 1);
}

/// What the tables say of lists and lengths: which of them, the views of page_infos.hpp know.
class page_info {
  friend class free_info;
  friend class cached_info;
  friend class kept_info;
  friend class span_info;
  friend class donated_info;
  friend class run_info;
  friend class guard_info;

  std::uint32_t next_;
  std::uint32_t prev_;
  std::uint32_t length_;
  std::uint32_t extra_;
};

/// First blocks have 320 bytes: a tiny connection costs about 700 bytes in all.
inline constexpr std::uint32_t first_block_granules = 20;
inline constexpr std::size_t slot_bytes = first_block_granules * granule_bytes;
/// 1,024 first blocks are 80 pages, and their tables whole pages too.
inline constexpr std::uint32_t group_slots = 1024;
inline constexpr std::uint32_t group_pages = group_slots * slot_bytes / page_bytes;
static_assert(group_slots * slot_bytes == group_pages * page_bytes);

/// The list of donated first blocks.
struct slot_links {
  std::uint32_t next;
  std::uint32_t prev;
};

/// What slot_pool notes of the first blocks, or of the lanes, of a group.
inline constexpr std::size_t group_notes_bytes = 264;

/// A part of the region. Guarded by the lock of whoever allocates from it.
struct region_part {
  unsigned shift;                   ///< of the bytes of one of its units
  unit_index begin;                 ///< first unit
  unit_index end;                   ///< one past the last
  unit_index committed;             ///< what lies below is readable and writable
  unit_index reserved;              ///< what lies below is the region's; above it may be anybody's
  std::uint32_t system_page_units;  ///< units in a page of the system
};

/// How much of 64 MiB of the range is the region's.
enum class extent : std::uint8_t { none, whole, partly };
inline constexpr unsigned extent_shift = 26;
inline constexpr std::size_t most_region_bytes = 512 * gib;

struct region_state {
  std::size_t system_page_bytes;       ///< 4, 16 or 64 KiB
  char* base;                          ///< null until the region is reserved
  char* run_base;                      ///< where quarter 0 would be
  std::size_t small_bytes;             ///< of the parts before the runs
  std::size_t bytes;                   ///< of the four parts; 0 until reserved
  std::uint8_t* granules;              ///< granule table
  std::atomic<std::uint32_t>* owners;  ///< page owners
  page_info* infos;                    ///< page infos
  std::atomic<std::uint32_t>* slot_owners;
  slot_links* links;
  char* lanes;
  char* lane_notes;
  char* slot_notes;
  std::uint64_t granules_end;  ///< one past the last granule of small pages
  std::uint32_t slots_end;     ///< first granule past the first blocks
  std::uint64_t link_key;      ///< encodes the links of free lists
  std::uint64_t links_end;     ///< links below it are followed unseen: 0 in a hardened process
  std::uint32_t slot_count;    ///< first blocks, and lanes, there is room for
  std::uint32_t lanes_end;     ///< one past the last lane that can be read; anybody reads beside
  region_part slots, small, runs, base_runs, lane_pages;
  std::atomic<std::size_t> reserved_bytes;  ///< with the tables
  std::atomic<extent> extents[most_region_bytes >> extent_shift];
};

// Hidden, so that a load from it needs no register for its address.
[[gnu::visibility("hidden")]] extern constinit region_state region;

/// Returns units to the system: they read as zero from then on. Those that share a page of
/// the system with others are zeroed instead. False, with nothing done, if the
/// system refuses.
[[nodiscard]] bool purge_units(unit_index first, std::uint32_t units) noexcept;

struct unit_range {
  unit_index first;
  std::uint32_t units;
};
inline constexpr std::size_t most_ranges_purged = 32;
/// The same of several, at most that many, in few calls. `have_gone` says which did.
void purge_units(const unit_range* all, std::size_t count, bool* have_gone) noexcept;

/// Whether an address of the range is the region's. Threads: any.
[[nodiscard]] bool is_reserved(std::size_t offset) noexcept;

[[nodiscard]] inline std::size_t offset_in_region(const void* address) noexcept {
  return static_cast<std::size_t>(static_cast<const char*>(address) - region.base);
}
/// Whether an address may be the region's: few others are in its range.
[[nodiscard]] inline bool in_range(const void* address) noexcept {
  return offset_in_region(address) < region.bytes;
}
[[nodiscard]] inline bool in_region(const void* address) noexcept {
  const std::size_t offset = offset_in_region(address);
  if (offset >= region.bytes) return false;
  // acquire: pairs with the release in note_extents
  const extent around = region.extents[offset >> extent_shift].load(std::memory_order_acquire);
  return around == extent::whole || (around == extent::partly && is_reserved(offset));
}
[[nodiscard]] inline bool in_runs(const void* address) noexcept {
  return in_region(address) && offset_in_region(address) >= region.small_bytes;
}
/// The page of small blocks that holds an address, and where a page starts.
[[nodiscard]] inline page_index page_at(const void* address) noexcept {
  return static_cast<page_index>(offset_in_region(address) >> page_shift);
}
[[nodiscard]] inline char* page_address(page_index page) noexcept {
  return region.base + (std::size_t{page} << page_shift);
}
/// The same of runs.
[[nodiscard]] inline std::size_t offset_in_runs(const void* address) noexcept {
  return static_cast<std::size_t>(static_cast<const char*>(address) - region.run_base);
}
[[nodiscard]] inline quarter_index quarter_at(const void* address) noexcept {
  return {static_cast<unit_index>(offset_in_runs(address) >> quarter_shift)};
}
[[nodiscard]] inline char* quarter_address(quarter_index quarter) noexcept {
  return region.run_base + (std::size_t{quarter.unit} << quarter_shift);
}
/// Where the tables describe an address.
[[nodiscard]] inline unit_index unit_at(const void* address) noexcept {
  return offset_in_region(address) < region.small_bytes ? page_at(address)
                                                        : quarter_at(address).unit;
}
/// The part that a page of small blocks or a quarter is in.
[[nodiscard]] inline const region_part& part_of(unit_index unit) noexcept {
  if (unit < region.runs.begin) return region.small;
  return unit < region.base_runs.begin ? region.runs : region.base_runs;
}
/// Where a unit of a part starts.
[[nodiscard]] inline char* address_in(const region_part& part, unit_index unit) noexcept {
  return part.shift == page_shift ? page_address(unit) : quarter_address({unit});
}
/// Where what is reserved of a part begins and ends. Threads: any.
[[nodiscard]] inline std::size_t reserved_begin(const region_part& part) noexcept {
  return offset_in_region(address_in(part, part.begin));
}
[[nodiscard]] std::size_t reserved_end(const region_part& part) noexcept;

/// The units of a part that one page of the system holds: a power of two, and every part and
/// table starts with a whole one.
[[nodiscard]] inline std::uint32_t units_a_page(const region_part& part) noexcept {
  return part.system_page_units;
}
[[nodiscard]] inline unit_index whole_pages_begin(const region_part& part,
                                                  unit_index unit) noexcept {
  return static_cast<unit_index>(round_down(unit, units_a_page(part)));
}
[[nodiscard]] inline unit_index whole_pages_end(const region_part& part, unit_index unit) noexcept {
  return static_cast<unit_index>(round_up(unit, units_a_page(part)));
}
[[nodiscard]] inline char* granule_address(granule_index granule) noexcept {
  return region.base + (std::size_t{granule} << granule_shift);
}
/// The granule that starts at an address; an index past all granules for an
/// address that starts none or is not a small block's.
[[nodiscard]] inline std::size_t granule_at(const void* address) noexcept {
  const std::size_t offset = offset_in_region(address);
  // The rotation puts an odd address's low bits on top: one comparison finds both.
  return (offset >> granule_shift) | (offset << (64 - granule_shift));
}
[[nodiscard]] inline bool is_small(std::size_t granule) noexcept {
  return granule < region.granules_end;
}
[[nodiscard]] constexpr granule_index first_granule(page_index page) noexcept {
  return page * page_granules;
}
[[nodiscard]] constexpr page_index page_of(granule_index granule) noexcept {
  return granule / page_granules;
}
[[nodiscard]] inline bool in_first_blocks(granule_index granule) noexcept {
  return granule < region.slots_end;
}
/// Whose a quarter is.
[[nodiscard]] inline std::atomic<std::uint32_t>& owner_at(quarter_index quarter) noexcept {
  return region.owners[quarter.unit];
}
/// Whose a granule is. Pre: the granule's part is committed there.
[[nodiscard]] inline std::atomic<std::uint32_t>& owner_at(granule_index granule) noexcept {
  return in_first_blocks(granule) ? region.slot_owners[granule / first_block_granules]
                                  : region.owners[page_of(granule)];
}

}  // namespace connarena
