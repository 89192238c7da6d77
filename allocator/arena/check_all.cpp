#include "arena/check_all.hpp"

#include "arena/arenas.hpp"
#include "arena/idle_memory.hpp"
#include "arena/lane/access.hpp"
#include "arena/lane/check_lane.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/runs/check_runs.hpp"
#include "arena/runs/run_list.hpp"
#include "arena/small/donation.hpp"
#include "arena/warm_lanes.hpp"
#include "heap/check_retention.hpp"
#include "heap/check_thread_cache.hpp"
#include "heap/commits.hpp"
#include "heap/page_heap.hpp"
#include "heap/shelf.hpp"
#include "heap/slot_pool.hpp"
#include "heap/threads.hpp"

namespace connarena {
namespace {

void check_lane(lane& in, others meanwhile, retention::amounts& seen) noexcept {
  if (in.generation.load(std::memory_order_acquire) == 0) return;
  static_cast<void>(check_whole(in));
  if (in.first_lane != in.index) return add_amounts(in, seen);
  const runs_lock guard(in);
  static_cast<void>(check_runs(in));
  add_amounts(in, seen);
  if (meanwhile != others::are_still || !has_limit(in)) return;
  CONNARENA_DCHECK(charged_bytes(in) == sum_of_footprint(in));
}

retention::amounts check_lanes(others meanwhile) noexcept {
  retention::amounts seen{};
  for (std::uint32_t index = 1; index < places_end(place::lane); ++index) {
    lane& each = lane_at(index);
    if (each.generation.load(std::memory_order_acquire) == 0) continue;
    if (each.any_thread) {
      const visit inside(each);
      check_lane(each, meanwhile, seen);
    } else if (meanwhile == others::are_still) {
      check_lane(each, meanwhile, seen);
    }
  }
  return seen;
}

/// What threads keep of ended arenas.
void check_threads() noexcept {
  for_each_thread([](const thread_slot& each) { check_warm(each); });
}

void check_counts(retention::amounts seen) noexcept {
  seen.in_slabs = static_cast<std::int64_t>(idle_place_pages() << page_shift);
  seen.live += unowned_bytes();
  retention::check(seen);
}

}  // namespace

void check_all(others meanwhile) noexcept {
  if (!checks_invariants) return;
  if (!region_ready()) return;
  // A helper is no thread of the caller's that could be still.
  lock_idle_memory();
  retention::amounts seen = check_lanes(meanwhile);
  check_donations();
  check_shelves();
  check_page_heaps();
  check_thread_cache(this_thread());
  if (meanwhile == others::are_still) {
    check_threads();
    check_counts(seen);
  }
  unlock_idle_memory();
}

}  // namespace connarena
