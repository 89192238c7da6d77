#include "arena/fork.hpp"

#include "arena/access.hpp"
#include "arena/donation.hpp"
#include "arena/runs.hpp"
#include "arena/sweep.hpp"
#include "heap/page_heap.hpp"
#include "heap/slot_pool.hpp"

namespace connarena {
namespace {

void repair(lane& in, thread_id self) noexcept {
  const bool was_visited = !in.guard.is_free();
  const bool was_busy = in.busy.load(std::memory_order_relaxed) != 0;
  const thread_id owner = in.owner.load(std::memory_order_relaxed);
  if (was_visited) in.guard.reset();
  if (was_busy) in.busy.store(0, std::memory_order_relaxed);
  if (owner != 0 && owner != self) in.owner.store(0, std::memory_order_relaxed);
  if (in.any_thread && in.first_lane == in.index) repair_runs(in);
  if (was_visited || (was_busy && owner != self)) sweep(in, 0);
}

}  // namespace

void lock_for_fork() noexcept {
  lock_donations();
  lock_threads();
  lock_places();
  lock_page_heaps();
}

void unlock_after_fork() noexcept {
  unlock_page_heaps();
  unlock_places();
  unlock_threads();
  unlock_donations();
}

void repair_after_fork() noexcept {
  reset_page_heaps();
  reset_places();
  reset_donations();
  forget_other_threads();
  ready_owners_again();
  const thread_id self = this_thread().id.load(std::memory_order_relaxed);
  for (std::uint32_t index = 1; index < places_end(place::lane); ++index) {
    lane& each = lane_at(index);
    if (each.generation.load(std::memory_order_relaxed) != 0) repair(each, self);
  }
}

}  // namespace connarena
