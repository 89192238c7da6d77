#include "arena/totals.hpp"

#include <algorithm>

#include "arena/arenas.hpp"
#include "arena/lane/access.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/small/outboxes.hpp"
#include "arena/small/small_blocks.hpp"
#include "arena/small/spans.hpp"
#include "arena/small/sweep.hpp"
#include "base/beside.hpp"
#include "heap/commits.hpp"
#include "heap/page_heap.hpp"
#include "heap/pages.hpp"
#include "heap/shelf_account.hpp"
#include "heap/slot_pool.hpp"

namespace connarena {
namespace {

/// Sums over open lanes.
struct lane_sums {
  std::uint64_t live_granules = 0;
  std::uint64_t pages = 0;
  std::uint64_t run_bytes = 0;
  std::uint64_t free_pages = 0;
  std::size_t arenas = 0;
};

/// live_granules, which an arena's only thread may be changing.
std::uint32_t live_granules_beside(const lane& each) noexcept {
  const std::uint32_t carved = read_beside(each.bump) - read_beside(each.carved_origin);
  const std::uint32_t free =
      read_beside(each.report_mark) - static_cast<std::uint32_t>(read_beside(each.until_report));
  return carved - free;
}

void add(lane_sums& sums, const lane& each) noexcept {
  const std::uint64_t pages = each.small_pages.load(std::memory_order_relaxed);
  // What is read beside an arena's only thread may not fit together. Its spans may end
  // under a reader's hands: what it has reported is what is known of them.
  sums.live_granules += std::min<std::uint64_t>(live_granules_beside(each),
                                                pages * page_granules + first_block_granules);
  sums.run_bytes += run_bytes(each);
  const std::uint64_t free_pages =
      each.any_thread ? count_free_pages(each) : read_beside(each.reported_pages);
  sums.free_pages += free_pages;
  // A spare span is idle, and not counted as the lane's.
  sums.pages += std::max(pages, free_pages);
  if (each.first_lane == each.index && each.kind != arena_kind::cores_own) ++sums.arenas;
}

/// Calls `look` on every open lane, inside it where it is for any thread. What others
/// have freed of it is free by then.
template <typename Look>
void for_each_lane(Look look) noexcept {
  const auto look_inside = [&look](lane& each) {
    // acquire: it may be another arena's by now
    if (each.generation.load(std::memory_order_acquire) == 0) return;
    collect_all_remote(each);
    look(each);
  };
  joint_visit visiting;
  for (std::uint32_t index = 1; index < places_end(place::lane); ++index) {
    lane& each = lane_at(index);
    // acquire: pairs with the release that opened it
    if (each.generation.load(std::memory_order_acquire) == 0) continue;
    if (!each.any_thread) {
      look(each);
    } else {
      visiting.add_or_look(each, look_inside);
    }
  }
  visiting.look_and_leave(look_inside);
}

}  // namespace

void read_process_counters(connarena_process_stats& out) noexcept {
  out = connarena_process_stats{};
  if (!region_ready()) return;
  lane_sums sums;
  for_each_lane([&](lane& each) { add(sums, each); });
  const donated_counts gifts = donated();
  const auto bytes = [](std::uint64_t pages) {
    return static_cast<std::size_t>(pages << page_shift);
  };
  const std::uint64_t idle_places = idle_place_pages();
  const std::uint64_t cached = cached_bytes() + thread_cached_bytes() + shelved_bytes();
  const auto unowned = static_cast<std::size_t>(unowned_bytes());
  const std::size_t small_live =
      static_cast<std::size_t>((sums.live_granules + gifts.live_granules) << granule_shift);
  out.reserved_bytes = region.reserved_bytes;
  out.live_bytes = small_live + sums.run_bytes + unowned;
  out.retained_bytes = cached + bytes(sums.free_pages + idle_places);
  const std::size_t small_pages =
      bytes(sums.pages + gifts.pages + place_pages()) - bytes(sums.free_pages + idle_places);
  out.slack_bytes = small_pages > small_live ? small_pages - small_live : 0;
  out.footprint_bytes = out.live_bytes + out.retained_bytes + out.slack_bytes;
  out.arenas_open = sums.arenas;
}

void end_ownership() noexcept {
  let_nobody_own();
  for_each_lane([](lane& each) {
    each.owner.store(0, std::memory_order_relaxed);
    each.hands.changes = most_changes;
  });
}

bool trim_all() noexcept {
  std::uint64_t gone = 0;
  for_each_lane([&](lane& each) {
    if (each.any_thread) gone += sweep(each, UINT64_MAX);
  });
  detail::give_back_warm(this_thread());
  give_back_cached(this_thread());
  return gone + purge_cached(UINT64_MAX) != 0;
}

}  // namespace connarena
