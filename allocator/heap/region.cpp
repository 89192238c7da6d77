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
// One commit is one system call a table; smaller steps would make them visible.
constexpr page_index commit_step_pages = 32 * mib / page_bytes;
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
  const std::size_t pages = out.parts() / page_bytes;
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

region_part take_part(page_index& at, std::size_t bytes) noexcept {
  const page_index begin = at;
  at += static_cast<page_index>(bytes / page_bytes);
  return {begin, at, begin};
}

void lay_out(char* base, const layout& size) noexcept {
  page_index page = 0;
  region.slots = take_part(page, size.slots);
  region.small = take_part(page, size.small);
  region.runs = take_part(page, size.runs);
  region.base_runs = take_part(page, size.base_runs);
  char* table = base + size.parts();
  region.granules = take_table<std::uint8_t>(table, size.granules);
  region.owners = take_table<std::atomic<std::uint32_t>>(table, size.owners);
  region.infos = take_table<page_info>(table, size.infos);
  region.slot_owners = take_table<std::atomic<std::uint32_t>>(table, size.slot_owners);
  region.links = take_table<slot_links>(table, size.links);
  region.lanes = take_table<char>(table, size.lanes);
  page_index lane_page = 0;
  region.lane_pages = take_part(lane_page, size.lanes);
  region.slot_count = static_cast<std::uint32_t>(size.slots / slot_bytes);
  region.slots_end = region.slot_count * slot_granules;
  region.small_granules = static_cast<std::uint32_t>((size.slots + size.small) / granule_bytes - 1);
  region.link_key = std::uint64_t{os::random_number()} << 32 | os::random_number();
  region.reserved_bytes = size.parts() + size.tables();
  region.base = base;
  region.bytes = size.parts();
}

bool reserve_region() noexcept {
  const std::size_t limit = os::address_space_limit();
  for (std::size_t bytes = most_region_bytes; bytes >= least_region_bytes; bytes /= 2) {
    const layout size = layout_for(bytes);
    const std::size_t total = size.parts() + size.tables();
    if (limit != SIZE_MAX && total > limit / 4) continue;
    auto* const base = static_cast<char*>(os::reserve(total));
    if (base == nullptr) continue;
    os::forbid_huge_pages(base, size.parts() - size.base_runs);
    os::forbid_huge_pages(base + size.parts(), size.tables());
    lay_out(base, size);
    // Whatever address is asked about has an owner, if only nobody.
    return os::make_readable(region.owners, size.owners) &&
           os::make_readable(region.slot_owners, size.slot_owners);
  }
  return false;
}

/// Commits the part of a table that describes pages [from, to) of a part whose
/// pages or slots count from 0 at `from`'s origin. `bytes` is per group of pages.
bool commit_table(void* table, std::size_t bytes_a_group, page_index from, page_index to) noexcept {
  const std::size_t begin = round_down(from * bytes_a_group / group_pages, page_bytes);
  const std::size_t end =
      round_up((to * bytes_a_group + group_pages - 1) / group_pages, page_bytes);
  return os::commit(static_cast<char*>(table) + begin, end - begin);
}

bool commit_tables(const region_part& part, page_index from, page_index to) noexcept {
  constexpr std::size_t granules_a_group = group_pages * page_granules;
  if (&part == &region.lane_pages) return commit_table(region.lanes, group_bytes, from, to);
  if (&part == &region.slots) {
    return commit_table(region.slot_owners, group_slots * sizeof(std::uint32_t), from, to) &&
           commit_table(region.links, group_slots * sizeof(slot_links), from, to) &&
           commit_table(region.granules, granules_a_group, from, to);
  }
  if (!commit_table(region.owners, group_pages * sizeof(std::uint32_t), from, to)) return false;
  if (!commit_table(region.infos, group_pages * sizeof(page_info), from, to)) return false;
  return &part != &region.small || commit_table(region.granules, granules_a_group, from, to);
}

}  // namespace

constinit region_state region{};
constinit region_hole run_hole{};

bool region_ready() noexcept {
  // acquire: pairs with the release below
  if (is_reserved.load(std::memory_order_acquire)) return true;
  const lock_guard guard(reserving);
  if (is_reserved.load(std::memory_order_relaxed)) return true;
  if (was_refused || !reserve_region()) {
    was_refused = true;
    return false;
  }
  is_reserved.store(true, std::memory_order_release);
  return true;
}

bool commit_part(region_part& part, page_index end) noexcept {
  if (end <= part.committed) return true;
  if (end > part.end || end < part.begin) return false;
  const page_index from = part.committed;
  const page_index step_end = from + std::min(commit_step_pages, part.end - from);
  const page_index to = std::max(end, step_end);
  if (!commit_tables(part, from, to)) return false;
  if (&part != &region.lane_pages &&
      !os::commit(page_address(from), std::size_t{to - from} << page_shift)) {
    return false;
  }
  part.committed = to;
  return true;
}

void give_up_tails() noexcept {
  region_part& runs = region.runs;
  region_part& last = region.base_runs;
  const auto tail_bytes = [](const region_part& part) {
    return std::size_t{part.end - part.committed} << page_shift;
  };
  if (run_hole.bytes == 0 && runs.committed < runs.end) {
    run_hole = {std::size_t{runs.committed} << page_shift, tail_bytes(runs)};
    os::unreserve(page_address(runs.committed), run_hole.bytes);
    region.reserved_bytes -= run_hole.bytes;
    runs.end = runs.committed;
  }
  if (last.committed < last.end) {
    region.bytes = std::size_t{last.committed} << page_shift;
    os::unreserve(page_address(last.committed), tail_bytes(last));
    region.reserved_bytes -= tail_bytes(last);
    last.end = last.committed;
  }
}

}  // namespace connarena
