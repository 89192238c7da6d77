#include "arena/idle_memory.hpp"

#include <algorithm>

#include "arena/helper.hpp"
#include "arena/lane/access.hpp"
#include "arena/lane/idle_lanes.hpp"
#include "arena/small/outboxes.hpp"
#include "arena/small/small_blocks.hpp"
#include "arena/small/sweep.hpp"
#include "arena/warm_lanes.hpp"
#include "base/beside.hpp"
#include "heap/demand.hpp"
#include "heap/page_heap.hpp"
#include "heap/retention.hpp"
#include "heap/slow_calls.hpp"
#include "os/lock.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

// 8 MiB take about a millisecond: events that come meanwhile wait no longer.
constexpr std::uint64_t most_at_a_time_bytes = 8 * mib;

constinit lock returning;
std::atomic<std::int64_t> epoch_ends_ns{0};
std::atomic<std::uint32_t> epochs{0};                 ///< that have ended
std::atomic<std::int64_t> idle_at_ns{INT64_MIN / 2};  ///< when be_idle was last called

// guarded by returning
std::int64_t wanted_of_lanes_bytes = 0;  ///< still to be returned by arenas for one thread

bool may_have_idle_pages(const lane& each) noexcept {
  return read_beside(each.reported_pages) != 0 ||
         each.remote.load(std::memory_order_relaxed) != 0 ||
         each.has_outboxes.load(std::memory_order_relaxed);
}

bool has_something_due() noexcept {
  return demand::has_excess() || retention::excess_in_own_lanes() > 0;
}

/// Whether arenas for one thread, of which this is one, hold too much for their threads to
/// go on without a word.
bool are_lanes_crowded(const lane& each) noexcept {
  return !each.any_thread && retention::more_than_little_in_own_lanes() > 0;
}

/// Returns pages of a lane that were idle at the ends of two epochs.
void end_epoch_of(lane& each) noexcept {
  // acquire: it may be another arena's by now
  if (each.generation.load(std::memory_order_acquire) == 0) return;
  collect_all_remote(each);
  update_account(each);
  const std::uint32_t due = std::min(each.idle_before, each.reported_pages);
  if (due != 0 && (demand::has_excess() || are_lanes_crowded(each))) sweep(each, due);
  each.idle_before = each.reported_pages;
  if (each.reported_pages != 0) note_idle(each);
}

void end_epoch(std::int64_t now_ns) noexcept {
  epoch_ends_ns.store(now_ns + demand::epoch_ns(), std::memory_order_relaxed);
  epochs.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t cached = cached_small_pages();
  take_idle_lanes({may_have_idle_pages, end_epoch_of, [] { return false; }});
  // Spans that were wholly free have come to the page heap.
  const std::uint64_t cached_now = cached_small_pages();
  if (cached_now > cached) add_untouched_pages(cached_now - cached);
  demand::end_epoch();
}

std::int64_t return_locked(std::int64_t now_ns) noexcept {
  if (now_ns >= epoch_ends_ns.load(std::memory_order_relaxed)) end_epoch(now_ns);
  if (demand::excess_bytes() <= 0) return all_returned;
  if (const std::uint64_t bytes = demand::to_return_bytes(); bytes != 0) {
    return purge_due(std::min(bytes, most_at_a_time_bytes)) != 0 ? 0 : refused;
  }
  return std::max<std::int64_t>(epoch_ends_ns.load(std::memory_order_relaxed) - now_ns, 1);
}

bool is_wanted_now(const lane& each) noexcept {
  if (!may_have_idle_pages(each)) return false;
  if (each.any_thread) note_idle(each);
  return !each.any_thread;
}

void return_now(lane& each) noexcept {
  if (each.generation.load(std::memory_order_acquire) == 0) return;
  update_account(each);
  const std::uint32_t before = each.reported_pages;
  sweep(each, UINT64_MAX);
  wanted_of_lanes_bytes -= (std::int64_t{before} - each.reported_pages) << page_shift;
}

/// What is above the recent peak goes at once, of arenas for one thread too: else each of
/// them would keep what it used once. Until little is left, so that this comes seldom.
void keep_below_peak() noexcept {
  const std::int64_t over_bytes = demand::keep_below_peak();
  const std::int64_t most_bytes = retention::more_than_little_in_own_lanes();
  if (over_bytes == 0 || most_bytes == 0) return;
  if (!returning.try_acquire(lock_rank::idle_memory)) return;
  wanted_of_lanes_bytes = most_bytes;
  take_idle_lanes({is_wanted_now, return_now, [] { return wanted_of_lanes_bytes <= 0; }});
  returning.release(lock_rank::idle_memory);
  demand::keep_below_peak();
}

void look_at_clock() noexcept {
  keep_below_peak();
  if (!has_something_due()) return;
  const std::int64_t now_ns = os::coarse_now_ns();
  if (is_return_due(now_ns)) return_idle(now_ns);
  if (has_something_due()) ask_helper();
}

/// Returns all that is idle beyond what may stay for good, wanted or not.
void return_all_idle() noexcept {
  const lock_guard guard(returning, lock_rank::idle_memory);
  // Two that pages lie in a lane, and three that they lie on a shelf after that.
  constexpr int most_epochs = 5;
  for (int epoch = 0; epoch < most_epochs && demand::has_excess(); ++epoch) {
    end_epoch(os::coarse_now_ns());
    while (purge_due(std::min(demand::to_return_bytes(), most_at_a_time_bytes)) != 0) {
    }
  }
}

std::int64_t help() noexcept { return return_idle(os::coarse_now_ns()); }

}  // namespace

void ask_helper() noexcept { call_helper(help); }

std::int64_t return_idle(std::int64_t now_ns) noexcept {
  if (!returning.try_acquire(lock_rank::idle_memory)) return demand::epoch_ns();
  const std::int64_t next_ns = return_locked(now_ns);
  returning.release(lock_rank::idle_memory);
  return next_ns;
}

void pass_on_what_is_others(thread_slot& self) noexcept {
  if (self.borrowed != 0) give_back_borrowed(self);
  detail::pass_outboxes(self);
}

std::int64_t be_idle(std::int64_t now_ns) noexcept {
  pass_on_what_is_others(this_thread());
  give_back_unwanted(this_thread(), epochs.load(std::memory_order_relaxed));
  const std::int64_t before_ns = idle_at_ns.exchange(now_ns, std::memory_order_relaxed);
  if (now_ns - before_ns >= 2 * demand::epoch_ns()) return_all_idle();
  std::int64_t next_ns = 0;
  while (next_ns == 0) next_ns = return_idle(now_ns);
  return next_ns;
}

bool is_return_due(std::int64_t now_ns) noexcept {
  return has_something_due() &&
         (now_ns >= epoch_ends_ns.load(std::memory_order_relaxed) || demand::has_to_return());
}

void pass_time(thread_slot& self) noexcept {
  // Threads without an identity share a slot.
  if (!self.is_registered() || ++self.slow_calls % slow_calls_a_look == 0) {
    give_back_unwanted(self, epochs.load(std::memory_order_relaxed));
    look_at_clock();
  } else if (may_start_helper() && demand::has_excess()) {
    // What is freed last is to go as well.
    ask_helper();
  }
}

void lock_idle_memory() noexcept { returning.acquire(lock_rank::idle_memory); }
void unlock_idle_memory() noexcept { returning.release(lock_rank::idle_memory); }
void reset_idle_memory() noexcept {
  returning.reset(lock_rank::idle_memory);
  forget_helper();
}

}  // namespace connarena
