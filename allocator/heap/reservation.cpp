#include "heap/reservation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "heap/region_layout.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

constexpr std::size_t extent_bytes = std::size_t{1} << extent_shift;
// Smaller ranges are reserved at once. From here on parts are made of whole extents.
constexpr std::size_t least_range_in_steps = 16 * gib;
// Between the addresses that mimalloc asks for, below 30 TiB, those of sanitizers' shadows,
// and a third of the address space, from where the system maps upwards if it does.
constexpr std::size_t lowest_base = std::size_t{32} * 1024 * gib;
constexpr std::size_t base_alignment = os::most_page_bytes;
constexpr int most_tries = 4;
// In a process that locks its memory all of a step is resident.
constexpr std::size_t frugal_step_bytes = 64 * kib;

std::atomic<std::size_t> most_range_bytes{most_region_bytes};
std::atomic<bool> counts_as_used{false};
bool is_in_steps = false;

/// Owners are looked up of any address where small blocks may be: what is readable of
/// them reaches beyond what is reserved of the parts, up to here.
struct {
  char* of_slot_pages = nullptr;
  char* of_small = nullptr;
  char* of_slots = nullptr;
} readable_end;

/// A piece of the address space that is one mapping when it is reserved.
struct piece {
  char* address;
  std::size_t bytes;
  bool is_readable;
  bool may_be_huge;
};

[[nodiscard]] bool reserve(const piece& wanted) noexcept {
  if (!os::reserve_at(wanted.address, wanted.bytes)) return false;
  if (wanted.is_readable && !os::make_readable(wanted.address, wanted.bytes)) {
    os::unreserve(wanted.address, wanted.bytes);
    return false;
  }
  if (!wanted.may_be_huge) os::forbid_huge_pages(wanted.address, wanted.bytes);
  region.reserved_bytes.fetch_add(wanted.bytes, std::memory_order_relaxed);
  return true;
}

void unreserve(char* address, std::size_t bytes) noexcept {
  os::unreserve(address, bytes);
  region.reserved_bytes.fetch_sub(bytes, std::memory_order_relaxed);
}

/// The one of these that a part's table has; null: it has none.
char** readable_end_of(const region_part& part, const char* table) noexcept {
  if (!is_in_steps) return nullptr;
  const bool is_slots = &part == &region.slots;
  if (table == reinterpret_cast<char*>(region.slot_owners)) return &readable_end.of_slots;
  if (table != reinterpret_cast<char*>(region.owners)) return nullptr;
  if (is_slots) return &readable_end.of_slot_pages;
  return &part == &region.small ? &readable_end.of_small : nullptr;
}

/// What of a table describes pages [from, to) and no others.
piece piece_of_table(const region_part& part, char* table, std::size_t group, unit_index from,
                     unit_index to) noexcept {
  char* begin = table + table_bytes_up_to(from, group);
  char* end = table + table_bytes_up_to(to, group);
  if (!is_in_steps) {
    // Neighbours are looked up: a page stays at both ends.
    begin += region.system_page_bytes;
    end = table + round_down(to * group / group_pages, region.system_page_bytes) -
          region.system_page_bytes;
  }
  const bool is_owners = table == reinterpret_cast<char*>(region.owners) ||
                         table == reinterpret_cast<char*>(region.slot_owners);
  if (char* const* const end_of = readable_end_of(part, table)) begin = std::max(begin, *end_of);
  return {begin, begin < end ? static_cast<std::size_t>(end - begin) : 0, is_owners, false};
}

/// Calls `visit(piece)` for what pages [from, to) of a part take. Stops where it is false.
template <typename Visit>
bool each_piece(const region_part& part, unit_index from, unit_index to, Visit visit) noexcept {
  const std::size_t bytes = std::size_t{to - from} << part.shift;
  if (!visit(piece{part_address(part, from), bytes, false, &part == &region.base_runs})) {
    return false;
  }
  return each_table(part, [&](char* table, std::size_t group) noexcept {
    const piece wanted = piece_of_table(part, table, group, from, to);
    return wanted.bytes == 0 || visit(wanted);
  });
}

extent look_at_extent(std::size_t begin, std::size_t end) noexcept {
  std::size_t reserved = 0;
  for (const region_part* each : {&region.slots, &region.small, &region.runs, &region.base_runs}) {
    const std::size_t first = std::max(begin, reserved_begin(*each));
    const std::size_t last = std::min(end, reserved_end(*each));
    if (first < last) reserved += last - first;
  }
  if (reserved == 0) return extent::none;
  return reserved == end - begin ? extent::whole : extent::partly;
}

/// What is reserved between two offsets has changed.
void note_extents(std::size_t from, std::size_t to) noexcept {
  for (std::size_t begin = round_down(from, extent_bytes); begin < to; begin += extent_bytes) {
    const std::size_t end = std::min(begin + extent_bytes, region.bytes);
    // release: pairs with the acquire in in_region
    region.extents[begin >> extent_shift].store(look_at_extent(begin, end),
                                                std::memory_order_release);
  }
}

void set_reserved(region_part& part, unit_index reserved) noexcept {
  const unit_index before = part.reserved;
  std::atomic_ref(part.reserved).store(reserved, std::memory_order_relaxed);
  if (&part == &region.lane_pages) return;
  note_extents(offset_in_region(address_in(part, std::min(before, reserved))),
               offset_in_region(address_in(part, std::max(before, reserved))));
}

void note_readable(region_part& part, unit_index to) noexcept {
  each_table(part, [&](char* table, std::size_t group) noexcept {
    if (char** const end_of = readable_end_of(part, table)) {
      *end_of = std::max(*end_of, table + table_bytes_up_to(to, group));
    }
    return true;
  });
}

[[nodiscard]] bool extend(region_part& part, unit_index to) noexcept {
  const unit_index from = part.reserved;
  int done = 0;
  const bool is_done = each_piece(part, from, to, [&done](const piece& each) noexcept {
    if (!reserve(each)) return false;
    ++done;
    return true;
  });
  if (is_done) {
    note_readable(part, to);
    set_reserved(part, to);
    return true;
  }
  each_piece(part, from, to, [&done](const piece& each) noexcept {
    if (done-- == 0) return false;
    unreserve(each.address, each.bytes);
    return true;
  });
  return false;
}

/// First blocks and lanes come in groups that are no power of two.
std::size_t least_step_bytes(const region_part& part) noexcept {
  const bool is_places = &part == &region.slots || &part == &region.lane_pages;
  if (is_places) return std::size_t{1024} * group_pages * page_bytes;
  return 128 * mib;
}

/// Up to where a part is reserved next, if that is more than `to`.
unit_index next_reserved_end(const region_part& part, unit_index to) noexcept {
  const std::size_t least = std::size_t{to - part.begin} << part.shift;
  const std::size_t step = is_frugal() ? frugal_step_bytes : least_step_bytes(part);
  const std::size_t doubled =
      is_frugal() ? 0 : std::size_t{part.reserved - part.begin} * 2 << part.shift;
  const std::size_t steps = (std::max(least, doubled) + step - 1) / step;
  const std::size_t most = std::size_t{part.end - part.begin} << part.shift;
  return part.begin + static_cast<unit_index>(std::min(steps * step, most) >> part.shift);
}

void unreserve_from(region_part& part, unit_index from) noexcept {
  const unit_index to = part.reserved;
  if (from >= to) return;
  // Addresses stop to be the region's before the system can hand them to somebody else.
  set_reserved(part, from);
  each_piece(part, from, to, [](const piece& each) noexcept {
    unreserve(each.address, each.bytes);
    return true;
  });
}

void give_up_readable(char*& end, char* from) noexcept {
  if (from >= end) return;
  const char* const to = std::exchange(end, from);
  unreserve(from, static_cast<std::size_t>(to - from));
}

/// The owners of every page where small blocks may be, and those right before either
/// part for runs.
[[nodiscard]] bool make_owners_readable(const region_layout& size) noexcept {
  auto* const owners = reinterpret_cast<char*>(region.owners);
  auto* const slot_owners = reinterpret_cast<char*>(region.slot_owners);
  const auto owners_up_to = [](unit_index unit) { return unit * sizeof(std::uint32_t); };
  const std::size_t a_page = region.system_page_bytes;
  const std::size_t before_runs = owners_up_to(region.runs.begin);
  const piece all[] = {
      {owners, before_runs, true, false},
      {owners + owners_up_to(region.base_runs.begin) - a_page, a_page, true, false},
      {slot_owners, size.slot_owners, true, false},
      // No part is described there: none of it is the infos of nothing.
      {reinterpret_cast<char*>(region.infos), a_page, true, false},
  };
  for (std::size_t done = 0; done < std::size(all); ++done) {
    if (reserve(all[done])) continue;
    while (done-- > 0) unreserve(all[done].address, all[done].bytes);
    return false;
  }
  // Neighbours are looked up: the last page stays.
  readable_end.of_slot_pages = owners + owners_up_to(region.small.begin) - a_page;
  readable_end.of_small = owners + before_runs - a_page;
  readable_end.of_slots = slot_owners + size.slot_owners;
  return true;
}

char* random_base() noexcept {
  constexpr std::size_t span = std::size_t{8} * 1024 * gib;
  return reinterpret_cast<char*>(lowest_base + os::random_number() * base_alignment % span);
}

/// A limit on address space that comes later is none on these. Where the system refuses
/// one now, it is asked again when it is wanted.
void reserve_first_steps() noexcept {
  for (region_part* part :
       {&region.slots, &region.small, &region.runs, &region.base_runs, &region.lane_pages}) {
    static_cast<void>(reserve_up_to(*part, part->begin));
  }
}

[[nodiscard]] bool choose_for_steps(const region_layout& size) noexcept {
  is_in_steps = true;
  for (int tries = 0; tries < most_tries; ++tries) {
    lay_out(random_base(), size);
    // The page of owners before those of the last part is its own.
    region.runs.end -= static_cast<unit_index>(extent_bytes >> quarter_shift);
    if (!make_owners_readable(size)) continue;
    region.bytes = size.parts();
    reserve_first_steps();
    return true;
  }
  is_in_steps = false;
  return false;
}

void note_all_reserved() noexcept {
  for (region_part* each :
       {&region.slots, &region.small, &region.runs, &region.base_runs, &region.lane_pages}) {
    each->reserved = each->end;
  }
  note_extents(0, region.bytes);
}

[[nodiscard]] bool reserve_all(const region_layout& size) noexcept {
  auto* const base = static_cast<char*>(os::reserve(size.all()));
  if (base == nullptr) return false;
  lay_out(base, size);
  if (!os::make_readable(region.owners, size.owners) ||
      !os::make_readable(region.slot_owners, size.slot_owners)) {
    os::unreserve(base, size.all());
    return false;
  }
  os::forbid_huge_pages(base, size.parts() - size.base_runs);
  os::forbid_huge_pages(base + size.parts(), size.tables());
  region.reserved_bytes = size.all();
  region.bytes = size.parts();
  note_all_reserved();
  return true;
}

/// Where a part ends that has at most so many bytes, and what is committed.
unit_index least_end(const region_part& part, std::size_t bytes) noexcept {
  const auto kept = static_cast<unit_index>(bytes >> part.shift);
  const unit_index end = part.begin + std::min(kept, part.end - part.begin);
  return std::min(std::max(part.committed + units_a_page(part), end), part.end);
}

}  // namespace

void limit_range(std::size_t most_bytes) noexcept {
  most_range_bytes.store(std::max(most_bytes, least_region_bytes), std::memory_order_relaxed);
}

bool choose_range() noexcept {
  if (os::page_bytes() > os::most_page_bytes) return false;
  const std::size_t limit = os::address_space_limit();
  std::size_t most = most_range_bytes.load(std::memory_order_relaxed);
  for (std::size_t bytes = most_region_bytes; bytes >= least_region_bytes; bytes /= 2) {
    const region_layout size = layout_for(bytes);
    if (limit != SIZE_MAX && size.all() > limit / 4) continue;
    if (bytes > most) continue;
    if (bytes >= least_range_in_steps && choose_for_steps(size)) return true;
    if (reserve_all(size)) return true;
    // There are few addresses, as of 39 bits: the program wants most of them itself.
    most = std::min(most, bytes / 4);
  }
  return false;
}

bool reserve_up_to(region_part& part, unit_index to) noexcept {
  if (to < part.reserved || part.reserved == part.end) return to <= part.reserved;
  const unit_index enough = std::min(to + units_a_page(part), part.end);
  const unit_index wanted = next_reserved_end(part, enough);
  return extend(part, wanted) || (wanted != enough && extend(part, enough));
}

void be_frugal(bool is_frugal) noexcept {
  counts_as_used.store(is_frugal, std::memory_order_relaxed);
}
bool is_frugal() noexcept { return counts_as_used.load(std::memory_order_relaxed); }

void give_up_from(region_part& part, unit_index unused) noexcept {
  if (!is_in_steps) return;
  part.committed = std::min(part.committed, whole_pages_end(part, unused));
  unreserve_from(part, std::min(part.committed + units_a_page(part), part.reserved));
}

void give_up_owners() noexcept {
  if (!is_in_steps) return;
  for (region_part* part : {&region.slots, &region.small}) {
    each_table(*part, [part](char* table, std::size_t group) noexcept {
      char** const end_of = readable_end_of(*part, table);
      if (end_of != nullptr)
        give_up_readable(*end_of, table + table_bytes_up_to(part->reserved, group));
      return true;
    });
  }
}

void shrink_region(std::size_t most_bytes) noexcept {
  if (region.reserved_bytes.load(std::memory_order_relaxed) <= most_bytes) return;
  const region_layout size = layout_within(most_bytes);
  const auto shrink = [](region_part& part, std::size_t bytes) {
    part.end = least_end(part, bytes);
    unreserve_from(part, std::min(part.end, part.reserved));
  };
  shrink(region.slots, size.slots);
  shrink(region.small, size.small);
  shrink(region.runs, size.runs);
  shrink(region.base_runs, size.base_runs);
  shrink(region.lane_pages, size.lanes);
  give_up_owners();
}

}  // namespace connarena
