// core_glance.cpp - what an arena and the process hold, as a glance from outside shows it.
#include <algorithm>

#include "api/core.hpp"
#include "api/core_of_lane.hpp"
#include "arena/arenas.hpp"
#include "arena/lane/charge.hpp"
#include "arena/lane/footprint.hpp"
#include "base/beside.hpp"
#include "base/units.hpp"
#include "heap/demand.hpp"
#include "heap/slot_pool.hpp"

namespace connarena::core {
namespace {

/// A lane's counts, each of some moment: they may be out of step by what its thread does
/// meanwhile.
void add_lane(const lane& in, glance& to) noexcept {
  const std::uint32_t carved = read_beside(in.bump) - read_beside(in.carved_origin);
  const std::uint32_t free =
      read_beside(in.report_mark) - static_cast<std::uint32_t>(read_beside(in.until_report));
  const auto waiting = static_cast<std::uint32_t>(in.remote.load(std::memory_order_relaxed) >> 32);
  const auto live = static_cast<std::int32_t>(carved - free - waiting);
  to.live_bytes += std::size_t{static_cast<std::uint32_t>(std::max(live, 0))} << granule_shift;
  to.blocks += read_beside(in.allocations) - read_beside(in.deallocations);
  to.footprint_bytes += metadata_bytes(in);
}

/// A soft limit alone charges an arena under one that it cannot reach.
std::size_t own_limit_bytes(const lane& first) noexcept {
  const std::uint32_t quarters = first.limit_quarters;
  if (quarters >= most_limit) return 0;
  return round_up(bytes_of_quarters(quarters) + beside_bytes, kib);
}

/// Prime factors: what changes one count seldom changes others so as to make up for it.
std::uint64_t changes_in(const lane& in) noexcept {
  return read_beside(in.allocations) * 3 + read_beside(in.deallocations) * 5 +
         read_beside(in.run_allocations) * 7 + read_beside(in.run_deallocations) * 11 +
         read_beside(in.run_quarters) * std::uint64_t{13} +
         (in.remote.load(std::memory_order_relaxed) >> 32) * 23 +
         in.small_pages.load(std::memory_order_relaxed) * std::uint64_t{17} +
         in.limit_quarters * std::uint64_t{19};
}

}  // namespace

bool glance_at(handle arena, glance& seen) noexcept {
  seen = {};
  const lane* const first = find(arena);
  if (first == nullptr) return false;
  seen.live_bytes = run_bytes(*first);
  seen.blocks = read_beside(first->run_allocations) - read_beside(first->run_deallocations);
  add_lane(*first, seen);
  if (const lane* const second = second_of(*first)) add_lane(*second, seen);
  seen.footprint_bytes += footprint_bytes(*first);
  seen.limit_bytes = own_limit_bytes(*first);
  seen.peak_bytes = std::max(noted_peak_bytes(*first), seen.footprint_bytes);
  if (static_cast<std::int64_t>(seen.blocks) < 0) seen.blocks = 0;
  return is_of(*first, arena);
}

std::uint32_t changes_of(handle arena) noexcept {
  const lane* const first = find(arena);
  if (first == nullptr) return 0;
  const lane* const second = second_of(*first);
  const std::uint64_t changes = changes_in(*first) + (second != nullptr ? changes_in(*second) : 0);
  return static_cast<std::uint32_t>(changes) | 1;
}

held_bytes held_by_process() noexcept {
  const demand::holdings now = demand::exact_holdings();
  return {static_cast<std::size_t>(now.live), static_cast<std::size_t>(now.retained)};
}

}  // namespace connarena::core
