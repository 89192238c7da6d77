#include "heap/region_layout.hpp"

#include <algorithm>

#include "heap/hardening.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

// 2^32 granules: a 32-bit index reaches every small block.
constexpr std::size_t most_small_bytes = 64 * gib;
static_assert(most_small_bytes / 16 / slot_bytes <= owner_index_mask, "lanes have an index each");
constexpr std::size_t group_bytes = group_pages * page_bytes;
// So many groups are whole extents, and their tables whole pages.
constexpr std::size_t even_groups = 1024;

static_assert(group_bytes % os::most_page_bytes == 0, "parts are whole pages of any system");
static_assert(least_region_bytes / 4 % os::most_page_bytes == 0);

/// On any system: so tables lie in the same places on all.
constexpr std::size_t whole_pages(std::size_t bytes) noexcept {
  return round_up(bytes, os::most_page_bytes);
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
  return {shift, begin, at,
          begin, begin, static_cast<std::uint32_t>(region.system_page_bytes >> shift)};
}

void take_tables(char* table, const region_layout& size) noexcept {
  region.granules = take_table<std::uint8_t>(table, size.granules);
  region.owners = take_table<std::atomic<std::uint32_t>>(table, size.owners);
  region.infos = take_table<page_info>(table, size.infos);
  region.slot_owners = take_table<std::atomic<std::uint32_t>>(table, size.slot_owners);
  region.links = take_table<slot_links>(table, size.links);
  region.slot_notes = take_table<char>(table, size.slot_notes);
  region.lanes = take_table<char>(table, size.lanes);
  region.lane_notes = take_table<char>(table, size.lane_notes);
}

}  // namespace

region_layout layout_for(std::size_t region_bytes) noexcept {
  region_layout out{};
  const std::size_t small_bytes = std::min(most_small_bytes, region_bytes / 2);
  std::size_t groups = small_bytes / 16 / group_bytes;
  if (groups > even_groups) groups -= groups % even_groups;
  out.slots = groups * group_bytes;
  out.small = small_bytes - out.slots;
  out.runs = (region_bytes - small_bytes) / 2;
  out.base_runs = out.runs;
  out.granules = whole_pages(small_bytes / granule_bytes);
  const std::size_t units = small_bytes / page_bytes + (out.runs + out.base_runs) / quarter_bytes;
  out.owners = whole_pages(units * sizeof(std::uint32_t));
  out.infos = whole_pages(units * sizeof(page_info));
  out.slot_owners = whole_pages(groups * group_slots * sizeof(std::uint32_t));
  out.links = whole_pages(groups * group_slots * sizeof(slot_links));
  out.slot_notes = whole_pages(groups * group_notes_bytes);
  out.lanes = out.slots;
  out.lane_notes = out.slot_notes;
  return out;
}

region_layout layout_within(std::size_t most_bytes) noexcept {
  std::size_t bytes = most_region_bytes;
  region_layout size = layout_for(bytes);
  while (bytes > least_region_bytes && size.all() > most_bytes) {
    bytes /= 2;
    size = layout_for(bytes);
  }
  return size;
}

void lay_out(char* base, const region_layout& size) noexcept {
  region.system_page_bytes = os::page_bytes();
  unit_index page = 0;
  region.slots = take_part(page, size.slots);
  region.small = take_part(page, size.small);
  region.runs = take_part(page, size.runs, quarter_shift);
  region.base_runs = take_part(page, size.base_runs, quarter_shift);
  take_tables(base + size.parts(), size);
  unit_index lane_page = 0;
  region.lane_pages = take_part(lane_page, size.lanes);
  region.slot_count = static_cast<std::uint32_t>(size.slots / slot_bytes);
  region.slots_end = region.slot_count * first_block_granules;
  region.granules_end = (size.slots + size.small) / granule_bytes;
  region.links_end = is_hardened() ? 0 : region.granules_end;
  region.link_key = std::uint64_t{os::random_number()} << 32 | os::random_number();
  region.small_bytes = size.slots + size.small;
  region.run_base = base + region.small_bytes - (std::size_t{region.runs.begin} << quarter_shift);
  region.base = base;
}

}  // namespace connarena
