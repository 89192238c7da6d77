#include "arena/fork.hpp"

#include "arena/idle_memory.hpp"
#include "arena/lane/access.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/lane/watch.hpp"
#include "arena/runs/runs.hpp"
#include "arena/small/donation.hpp"
#include "arena/small/outboxes.hpp"
#include "arena/small/sweep.hpp"
#include "heap/commits.hpp"
#include "heap/page_heap.hpp"
#include "heap/retention.hpp"
#include "heap/shelf.hpp"
#include "heap/siblings.hpp"
#include "heap/slot_pool.hpp"

namespace connarena {
namespace {

/// A closed lane is only unlocked: another thread may have been about to end it, or
/// to find it stale. What nobody held is not written: its page may be the system's.
///
/// The system copies one page after the other while other threads go on: where there were
/// some, what a lane says and what the tables say of it may be of different moments, also
/// where nobody seems to have been inside.
void repair(lane& in, thread_id self, bool had_others) noexcept {
  const bool was_visited = !in.guard.is_free();
  const thread_id owner = in.owner.load(std::memory_order_relaxed);
  const bool was_owner_inside =
      owner != 0 && lane_inside(owner).load(std::memory_order_relaxed) == &in;
  if (was_visited) in.guard.reset(lock_rank::lane);
  if (owner != 0 && owner != self) in.owner.store(0, std::memory_order_relaxed);
  if (in.generation.load(std::memory_order_relaxed) == 0) {
    if (!in.runs_guard.is_free()) repair_runs(in);
    return;
  }
  const bool may_be_torn = had_others && in.any_thread;
  if (may_be_torn || !in.runs_guard.is_free()) repair_runs(in);
  if (may_be_torn || was_visited || (was_owner_inside && owner != self)) {
    recount(in);
    sweep(in, 0);
  }
}

/// What other threads had reserved and not yet taken, or given back and not yet given up.
void recharge(lane& in) noexcept {
  const bool is_first = in.first_lane == in.index;
  if (in.generation.load(std::memory_order_relaxed) == 0 || !is_first || !has_limit(in)) return;
  correct_charge(in, sum_of_footprint(in));
}

template <typename Do>
void for_each_lane(Do act) noexcept {
  for (std::uint32_t index = 1; index < places_end(place::lane); ++index) act(lane_at(index));
}

/// What the lanes hold, as they say themselves.
retention::amounts amounts_in_lanes() noexcept {
  retention::amounts sum{};
  for_each_lane([&sum](const lane& each) {
    if (each.generation.load(std::memory_order_relaxed) != 0) add_amounts(each, sum);
  });
  sum.live += unowned_bytes();
  return sum;
}

}  // namespace

void lock_for_fork() noexcept {
  detail::pass_outboxes(this_thread());
  lock_idle_memory();
  lock_donations();
  lock_threads();
  lock_places();
  lock_shelves();
  lock_page_heaps();
  lock_reservation();
}

void unlock_after_fork() noexcept {
  count_child();
  unlock_reservation();
  unlock_page_heaps();
  unlock_shelves();
  unlock_places();
  unlock_threads();
  unlock_donations();
  unlock_idle_memory();
}

void repair_after_fork() noexcept {
  unlock_reservation();
  reset_page_heaps();
  reset_shelves();
  reset_places();
  reset_donations();
  reset_idle_memory();
  const bool had_others = forget_other_threads();
  // What is in them is found where its lane is swept.
  if (had_others) forget_outboxes();
  share_floor_with_siblings();
  ready_owners_again();
  const thread_id self = this_thread().id.load(std::memory_order_relaxed);
  for_each_lane([=](lane& each) { repair(each, self, had_others); });
  if (had_others) retention::correct(amounts_in_lanes());
  watch::all.held.store(0, std::memory_order_relaxed);
  for_each_lane(recharge);
}

}  // namespace connarena
