#include "heap/region.hpp"

#include <algorithm>

#include "os/lock.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

// ThreadSanitizer refuses 1 TiB, so half of that is the most.
constexpr std::size_t most_region_bytes = 512 * gib;
constexpr std::size_t least_region_bytes = 16 * mib;
// 2^32 granules: a 32-bit index reaches every small block.
constexpr std::size_t most_small_bytes = 64 * gib;
static_assert(most_small_bytes / 16 / slot_bytes <= owner_index_mask, "lanes have an index each");
// One commit is one system call a table; smaller steps would make them visible.
constexpr std::size_t commit_step_bytes = 32 * mib;
constexpr std::size_t group_bytes = group_pages * page_bytes;

lock reserving;
std::atomic<bool> is_reserved{false};
bool was_refused = false;

/// Page-aligned sizes of the parts and tables of a region.
struct layout {
  std::size_t slots, small, runs, base_runs, granules, owners, infos, slot_owners, links, lanes;

  [[nodiscard]] std::size_t parts() const noexcept { return slots + small + runs + base_runs; }
  [[nodiscard]] std::size_t tables() const noexcept {
    return granules + owners + infos + slot_owners + links + lanes;
  }
};

layout layout_for(std::size_t region_bytes) noexcept {
  layout out{};
  const std::size_t small_bytes = std::min(most_small_bytes, region_bytes / 2);
  const std::size_t groups = small_bytes / 16 / group_bytes;
  out.slots = groups * group_bytes;
  out.small = small_bytes - out.slots;
  out.runs = round_down((region_bytes - small_bytes) / 2, page_bytes);
  out.base_runs = out.runs;
  out.granules = round_up(small_bytes / granule_bytes, page_bytes);
  const std::size_t pages = small_bytes / page_bytes + (out.runs + out.base_runs) / quarter_bytes;
  out.owners = round_up(pages * sizeof(std::uint32_t), page_bytes);
  out.infos = round_up(pages * sizeof(page_info), page_bytes);
  out.slot_owners = groups * group_slots * sizeof(std::uint32_t);
  out.links = groups * group_slots * sizeof(slot_links);
  out.lanes = out.slots;
  return out;
}

template <typename T>
T* take_table(char*& at, std::size_t bytes) noexcept {
  T* const table = reinterpret_cast<T*>(at);
  at += bytes;
  return table;
}

region_part take_part(unit_index& at, std::size_t bytes, unsigned shift = page_shift) noexcept {
  const unit_index begin = at;
  at += static_cast<unit_index>(bytes >> shift);
  return {shift, begin, at, begin};
}

void lay_out(char* base, const layout& size) noexcept {
  unit_index page = 0;
  region.slots = take_part(page, size.slots);
  region.small = take_part(page, size.small);
  region.runs = take_part(page, size.runs, quarter_shift);
  region.base_runs = take_part(page, size.base_runs, quarter_shift);
  char* table = base + size.parts();
  region.granules = take_table<std::uint8_t>(table, size.granules);
  region.owners = take_table<std::atomic<std::uint32_t>>(table, size.owners);
  region.infos = take_table<page_info>(table, size.infos);
  region.slot_owners = take_table<std::atomic<std::uint32_t>>(table, size.slot_owners);
  region.links = take_table<slot_links>(table, size.links);
  region.lanes = take_table<char>(table, size.lanes);
  unit_index lane_page = 0;
  region.lane_pages = take_part(lane_page, size.lanes);
  region.slot_count = static_cast<std::uint32_t>(size.slots / slot_bytes);
  region.slots_end = region.slot_count * slot_granules;
  region.granules_end = (size.slots + size.small) / granule_bytes;
  region.link_key = std::uint64_t{os::random_number()} << 32 | os::random_number();
  region.reserved_bytes = size.parts() + size.tables();
  region.small_bytes = size.slots + size.small;
  region.run_base = base + region.small_bytes - (std::size_t{region.runs.begin} << quarter_shift);
  region.base = base;
  region.bytes = size.parts();
}

/// Whatever address is asked about has an owner, if only nobody. Where the two tables
/// lie is up to lay_out.
bool make_owners_readable(char* base, const layout& size) noexcept {
  char* const owners = base + size.parts() + size.granules;
  return os::make_readable(owners, size.owners) &&
         os::make_readable(owners + size.owners + size.infos, size.slot_owners);
}

bool reserve_region() noexcept {
  const std::size_t limit = os::address_space_limit();
  for (std::size_t bytes = most_region_bytes; bytes >= least_region_bytes; bytes /= 2) {
    const layout size = layout_for(bytes);
    const std::size_t total = size.parts() + size.tables();
    if (limit != SIZE_MAX && total > limit / 4) continue;
    auto* const base = static_cast<char*>(os::reserve(total));
    if (base == nullptr) continue;
    if (!make_owners_readable(base, size)) {
      os::unreserve(base, total);
      continue;
    }
    os::forbid_huge_pages(base, size.parts() - size.base_runs);
    os::forbid_huge_pages(base + size.parts(), size.tables());
    lay_out(base, size);
    return true;
  }
  return false;
}

/// Calls `visit(table, bytes)` for the tables that describe a part; a table takes
/// `bytes` for a group of pages, and the group that starts at page 0 comes first.
template <typename Visit>
bool each_table(const region_part& part, Visit visit) noexcept {
  constexpr std::size_t granules_a_group = group_pages * page_granules;
  if (&part == &region.lane_pages) return visit(region.lanes, group_bytes);
  if (&part == &region.slots) {
    return visit(region.slot_owners, group_slots * sizeof(std::uint32_t)) &&
           visit(region.links, group_slots * sizeof(slot_links)) &&
           visit(region.granules, granules_a_group);
  }
  if (!visit(region.owners, group_pages * sizeof(std::uint32_t))) return false;
  if (!visit(region.infos, group_pages * sizeof(page_info))) return false;
  return &part != &region.small || visit(region.granules, granules_a_group);
}

bool commit_tables(const region_part& part, unit_index from, unit_index to) noexcept {
  return each_table(part, [=](void* table, std::size_t bytes) noexcept {
    const std::size_t begin = round_down(from * bytes / group_pages, page_bytes);
    const std::size_t end = round_up((to * bytes + group_pages - 1) / group_pages, page_bytes);
    return os::commit(static_cast<char*>(table) + begin, end - begin);
  });
}

bool commit_up_to(region_part& part, unit_index to) noexcept {
  const unit_index from = part.committed;
  if (!commit_tables(part, from, to)) return false;
  if (&part != &region.lane_pages &&
      !os::commit(address_in(part, from), std::size_t{to - from} << part.shift)) {
    return false;
  }
  part.committed = to;
  return true;
}

void unreserve(void* address, std::size_t bytes) noexcept {
  os::unreserve(address, bytes);
  region.reserved_bytes.fetch_sub(bytes, std::memory_order_relaxed);
}

/// Neighbours of a live page are looked up: a page of each table stays at both ends.
void unreserve_tables(const region_part& part, unit_index from, unit_index to) noexcept {
  each_table(part, [=](void* table, std::size_t bytes) noexcept {
    const std::size_t begin = round_up(from * bytes / group_pages, page_bytes) + page_bytes;
    const std::size_t end = round_down(to * bytes / group_pages, page_bytes);
    if (begin + page_bytes < end) {
      unreserve(static_cast<char*>(table) + begin, end - page_bytes - begin);
    }
    return true;
  });
}

/// Gives up what a part has beyond its committed pages and a size. Addresses there
/// stop to be the region's before the system can hand them to somebody else.
void shrink_part(region_part& part, std::size_t bytes, region_hole* hole) noexcept {
  const auto kept = static_cast<unit_index>(bytes >> part.shift);
  const unit_index from =
      std::max(part.committed, part.begin + std::min(kept, part.end - part.begin));
  const unit_index to = part.end;
  if (from == to) return;
  part.end = from;
  if (hole != nullptr) {
    if (hole->end.load(std::memory_order_relaxed) == 0) {
      hole->end.store(offset_in_region(address_in(part, to)), std::memory_order_relaxed);
    }
    hole->begin.store(offset_in_region(address_in(part, from)), std::memory_order_relaxed);
    // release: pairs with the acquire in in_region
    region.has_holes.store(true, std::memory_order_release);
    unreserve(address_in(part, from), std::size_t{to - from} << part.shift);
  }
  unreserve_tables(part, from, to);
}

/// The largest layout of at most so many bytes, or the least there is.
layout layout_within(std::size_t most_bytes) noexcept {
  std::size_t bytes = most_region_bytes;
  layout size = layout_for(bytes);
  while (bytes > least_region_bytes && size.parts() + size.tables() > most_bytes) {
    bytes /= 2;
    size = layout_for(bytes);
  }
  return size;
}

}  // namespace

constinit region_state region{};

bool region_ready() noexcept {
  // acquire: pairs with the release below
  if (is_reserved.load(std::memory_order_acquire)) return true;
  const lock_guard guard(reserving, lock_rank::reservation);
  if (is_reserved.load(std::memory_order_relaxed)) return true;
  if (was_refused || !reserve_region()) {
    was_refused = true;
    return false;
  }
  is_reserved.store(true, std::memory_order_release);
  return true;
}

void lock_reservation() noexcept { reserving.acquire(lock_rank::reservation); }
void unlock_reservation() noexcept { reserving.release(lock_rank::reservation); }

bool purge_units(unit_index first, std::uint32_t units) noexcept {
  const region_part& part = part_of(first);
  const unit_index end = first + units;
  const unit_index inner = whole_pages_end(part, first);
  const unit_index inner_end = whole_pages_begin(part, end);
  const auto bytes = [&part](unit_index from, unit_index to) {
    return std::size_t{to - from} << part.shift;
  };
  if (inner >= inner_end) {
    __builtin_memset(address_in(part, first), 0, bytes(first, end));
    return true;
  }
  if (!os::purge(address_in(part, inner), bytes(inner, inner_end))) return false;
  __builtin_memset(address_in(part, first), 0, bytes(first, inner));
  __builtin_memset(address_in(part, inner_end), 0, bytes(inner_end, end));
  return true;
}

bool commit_part(region_part& part, unit_index end) noexcept {
  end = whole_pages_end(part, end);
  if (end <= part.committed) return true;
  if (end > part.end || end < part.begin) return false;
  // A system that has not so much left may have what is asked for.
  for (auto step = static_cast<unit_index>(commit_step_bytes >> part.shift);; step /= 32) {
    const unit_index to = std::max(end, part.committed + std::min(step, part.end - part.committed));
    if (commit_up_to(part, to)) return true;
    if (to == end) return false;
  }
}

void shrink_region(std::size_t most_bytes) noexcept {
  if (region.reserved_bytes.load(std::memory_order_relaxed) <= most_bytes) return;
  const layout size = layout_within(most_bytes);
  shrink_part(region.slots, size.slots, &region.holes[0]);
  shrink_part(region.small, size.small, &region.holes[1]);
  shrink_part(region.runs, size.runs, &region.holes[2]);
  shrink_part(region.base_runs, size.base_runs, &region.holes[3]);
  shrink_part(region.lane_pages, size.lanes, nullptr);
}

bool in_hole(std::size_t offset) noexcept {
  for (const region_hole& each : region.holes) {
    const std::size_t begin = each.begin.load(std::memory_order_relaxed);
    if (offset >= begin && offset < each.end.load(std::memory_order_relaxed)) return true;
  }
  return false;
}

}  // namespace connarena
