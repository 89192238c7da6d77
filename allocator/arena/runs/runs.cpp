#include "arena/runs/runs.hpp"

#include <algorithm>

#include "arena/runs/guards.hpp"
#include "arena/runs/run.hpp"
#include "arena/runs/run_marks.hpp"
#include "arena/runs/run_owner.hpp"
#include "arena/runs/run_room.hpp"
#include "base/checks.hpp"
#include "base/failure.hpp"
#include "heap/hardening.hpp"
#include "heap/page_heap.hpp"
#include "heap/pages.hpp"
#include "heap/retention.hpp"
#include "heap/slow_calls.hpp"
#include "heap/thread_cache.hpp"
#include "heap/touch_habit.hpp"

namespace connarena {
namespace {

/// Gives the quarters of a run back that nobody owns or lists any more.
void give_run(quarter_index run, page_kind mark) noexcept {
  const std::uint32_t quarters = run_info(run).quarters();
  unmark_inside(run, 0, quarters);
  owner_at(run).store(make_owner(mark, 0), std::memory_order_relaxed);
  count_live(-std::int64_t{quarters});
  give_room(run);
}

/// Takes a live run out of an arena's list. False if it is not there by now.
bool take_from(lane& first, quarter_index run) noexcept {
  const runs_lock guard(first);
  if (!says_run_of(owner_at(run).load(std::memory_order_relaxed), first)) return false;
  owner_at(run).store(make_owner(page_kind::none, 0), std::memory_order_relaxed);
  unlink(first, run);
  ++first.run_deallocations;
  return true;
}

/// Takes a live run out of its owner's hands. False if `owner` is not it by now.
bool take_away(quarter_index run, std::uint32_t owner) noexcept {
  const std::uint32_t none = make_owner(page_kind::none, 0);
  if (index_of(owner) == 0) {
    // acquire: the run's infos are as the last owner left them
    if (!owner_at(run).compare_exchange_strong(owner, none, std::memory_order_acquire)) {
      return false;
    }
    count_unowned(-std::int64_t{run_info(run).quarters()});
    return true;
  }
  return take_from(lane_at(index_of(owner)), run);
}

/// The arena got its limit since the run was asked for.
[[gnu::cold, gnu::noinline]] void charge_late(lane& first, quarter_index run) noexcept {
  charge_in_any_case(first, bytes_of_quarters(run_info(run).quarters()));
}

/// Puts a new run into its arena's list. False if that arena has ended.
bool join(run_owner of, quarter_index run, std::uint32_t flags) noexcept {
  const runs_lock guard(*of.first);
  if (!is_open(of)) return false;
  link(*of.first, run);
  ++of.first->run_allocations;
  if (has_limit(*of.first) && !is_charged(of)) [[unlikely]]
    charge_late(*of.first, run);
  note_growth_of_runs(*of.first);
  // release: pairs with the acquire in take_away
  owner_at(run).store(make_owner(page_kind::run, of.first->index) | flags,
                      std::memory_order_release);
  return true;
}

/// Makes a run that nobody has whoever's it is for. False if that arena has ended.
bool hand_over(run_owner of, quarter_index run, std::uint32_t flags) noexcept {
  if (of.first != nullptr) return join(of, run, flags);
  count_unowned(run_info(run).quarters());
  // release: pairs with the acquire in take_away
  owner_at(run).store(make_owner(page_kind::run, 0) | flags, std::memory_order_release);
  return true;
}

/// Hands a run out for a block of so many bytes; null, with its room given back, if its
/// arena has ended. In place, so that a short run that is kept needs one frame.
[[gnu::always_inline]] inline void* hand_out(thread_slot& self, run_owner of, const run_room& room,
                                             std::size_t size_bytes, std::size_t alignment,
                                             std::uint32_t flags) noexcept {
  const quarter_index run = room.run();
  run_info(run).set_quarters(room.quarters);
  choose_start(run, size_bytes, alignment, room.spare);
  mark_inside(run, 0, room.quarters);
  wipe(quarter_address(run), std::size_t{room.taken.resident} << quarter_shift);
  add_live(self, std::int64_t{room.quarters} << quarter_shift);
  if (!hand_over(of, run, flags)) [[unlikely]] {
    give_run(run, page_kind::none);
    return nullptr;
  }
  return block_of(run);
}

[[gnu::noinline]] void* become_run(run_owner of, const run_room& room, std::size_t size_bytes,
                                   std::size_t alignment, std::uint32_t flags) noexcept {
  return hand_out(this_thread(), of, room, size_bytes, alignment, flags);
}

/// There is no memory for what was reserved.
[[gnu::cold]] void* take_nothing(run_owner of, std::uint32_t quarters) noexcept {
  give_up_for(of, quarters);
  return fail(ENOMEM);
}

/// Any other than a short run that the thread has kept. Pre: its quarters are reserved.
void* allocate_run_beyond_thread(run_owner of, std::uint32_t quarters, std::size_t size_bytes,
                                 std::size_t alignment, bool& is_zero) noexcept {
  const run_room room = take_room(of.first == nullptr, quarters, alignment);
  if (!room.run()) return take_nothing(of, quarters);
  is_zero = room.taken.resident == 0 || is_hardened();
  if (room.taken.resident == 0) fill_by_habit(room.run(), room.quarters, came_to_be::new_block);
  return become_run(of, room, size_bytes, alignment, 0);
}

/// Keeps a short run that nobody owns or lists any more. False if the thread
/// has no room for it.
inline bool keep_run(quarter_index run, page_kind mark) noexcept {
  const run_info info(run);
  thread_slot* const self = known_thread();
  if (self == nullptr || info.spare() != 0 || is_hardened()) return false;
  const page_source source = source_of_run(run);
  const std::uint32_t quarters = info.quarters();
  if (!has_room(*self, source, quarters)) return false;
  owner_at(run).store(make_owner(mark, 0), std::memory_order_relaxed);
  keep_live(*self, source, run, quarters);
  return true;
}

/// The same where others that the thread has kept may have to go first.
bool keep_run_instead(quarter_index run, page_kind mark) noexcept {
  const run_info info(run);
  thread_slot* const self = known_thread();
  if (self == nullptr || info.spare() != 0 || is_hardened()) return false;
  return make_room(*self, source_of_run(run), info.quarters()) && keep_run(run, mark);
}

[[gnu::noinline]] void give_beyond_thread(quarter_index run, page_kind mark) noexcept {
  if (!keep_run_instead(run, mark)) give_run(run, mark);
}

[[gnu::always_inline]] inline void give_back(quarter_index run) noexcept {
  if (keep_run(run, page_kind::none)) [[likely]]
    return;
  give_beyond_thread(run, page_kind::none);
  pass_time(this_thread());
}

/// Whether an arena's runs may become another's: a memory resource has to know its own.
bool lets_go(const lane& first) noexcept { return first.kind != arena_kind::resource; }
/// The same under the lock: meanwhile the arena may have ended, and its lane become that of a
/// resource, which one thread works on without a lock.
bool lets_go(const lane& first, const runs_lock& guard) noexcept {
  return guard.is_held() && first.any_thread && lets_go(first);
}

/// Makes a run an arena's that was unowned when its word was `owner`. False if it stays as it is.
bool take_over_inside(run_owner of, quarter_index run, std::uint32_t owner,
                      std::uint32_t mine) noexcept {
  lane& first = *of.first;
  const runs_lock guard(first);
  if (!guard.is_held() || !is_open(of)) return false;
  const std::uint64_t bytes = bytes_of_quarters(run_info(run).quarters());
  if (!reserve(first, bytes)) {
    if (!is_watched(first)) return false;
    // Who makes his buffers before he is known gets nothing on top of them.
    charge_in_any_case(first, bytes);
  }
  // acquire: pairs with the release of the run's last owner
  if (!owner_at(run).compare_exchange_strong(owner, mine | adopted_flag,
                                             std::memory_order_acquire)) {
    give_up(first, bytes);
    return false;
  }
  count_unowned(-std::int64_t{run_info(run).quarters()});
  link(first, run);
  ++first.run_allocations;
  note_growth_of_runs(first);
  return true;
}

bool take_over(run_owner of, quarter_index run, std::uint32_t owner, std::uint32_t mine) noexcept {
  const bool is_mine = take_over_inside(of, run, owner, mine);
  if (is_limited(of) && is_open(of)) [[unlikely]]
    notify(*of.first, make_handle(of.generation, of.first->index));
  return is_mine;
}

/// Makes an arena's live run unowned, if it is its own and no I/O says so.
bool let_go_unproven(run_owner of, quarter_index run) noexcept {
  lane& first = *of.first;
  if (!lets_go(first)) return false;
  const runs_lock guard(first);
  if (!lets_go(first, guard) || !is_open(of)) return false;
  const std::uint32_t owner = owner_at(run).load(std::memory_order_relaxed);
  if (!says_run_of(owner, first) || (owner & did_io_flag) != 0) return false;
  let_go(first, run, owner & grew_flag);
  return true;
}

/// Makes an arena's live run unowned.
void abandon(lane& first, quarter_index run, run_survivors& left) noexcept {
  ++left.blocks;
  left.quarters += run_info(run).quarters();
  let_go(first, run, 0);
}

}  // namespace

void* allocate_run(run_owner of, std::size_t size_bytes, std::size_t alignment,
                   bool& is_zero) noexcept {
  const std::uint32_t quarters = quarters_of_request(size_bytes);
  if (quarters == 0) return fail(is_limited(of) ? EDQUOT : ENOMEM);
  if (is_limited(of)) [[unlikely]] {
    if (!reserve_for(of, quarters)) return nullptr;
    of.generation |= charged_bit;
  }
  thread_slot* const self = known_thread();
  if (quarters <= exact_run_units && alignment <= quarter_bytes && self != nullptr) [[likely]] {
    const page_source from = of.first == nullptr ? page_source::base_runs : page_source::runs;
    const run_room room{take_kept(*self, from, quarters), quarters, 0};
    if (room.run()) [[likely]] {
      is_zero = room.taken.resident == 0 || is_hardened();
      return hand_out(*self, of, room, size_bytes, alignment, 0);
    }
  }
  return allocate_run_beyond_thread(of, quarters, size_bytes, alignment, is_zero);
}

void* allocate_growing_run(run_owner of, std::size_t size_bytes, bool has_grown) noexcept {
  const std::uint32_t quarters = quarters_of_request(size_bytes);
  if (quarters == 0) return fail(is_limited(of) ? EDQUOT : ENOMEM);
  if (is_limited(of)) [[unlikely]] {
    if (!reserve_for(of, quarters)) return nullptr;
    of.generation |= charged_bit;
  }
  const run_room room = take_growing_room(of.first == nullptr, quarters, has_grown);
  if (!room.run()) return take_nothing(of, quarters);
  if (room.taken.resident == 0) fill_by_habit(room.run(), room.quarters, came_to_be::grown);
  return become_run(of, room, size_bytes, granule_bytes, grew_flag);
}

bool has_grown(quarter_index run) noexcept {
  return (owner_at(run).load(std::memory_order_relaxed) & grew_flag) != 0;
}

free_result deallocate_run(quarter_index run) noexcept {
  for (;;) {
    const std::uint32_t owner = owner_at(run).load(std::memory_order_relaxed);
    if (kind_of(owner) != page_kind::run) return free_result::none;
    if (!take_away(run, owner)) continue;
    give_back(run);
    return index_of(owner) != 0 ? free_result::owned : free_result::unowned;
  }
}

bool is_run_of(const lane& only, const void* block, std::size_t size_bytes) noexcept {
  if (!in_runs(block)) return false;
  const quarter_index run = quarter_at(block);
  // acquire: the run's infos are as its owner left them
  if (!says_run_of(owner_at(run).load(std::memory_order_acquire), only)) return false;
  if (block_of(run) != block) return false;
  const std::uint32_t length = run_info(run).quarters();
  const std::uint32_t quarters = quarters_of_block(run, size_bytes);
  return quarters == length || (quarters < length && stays_when_shrunk(length, quarters));
}

bool deallocate_run_of(lane& only, void* block, std::size_t size_bytes) noexcept {
  if (!is_run_of(only, block, size_bytes)) return false;
  const quarter_index run = quarter_at(block);
  if (only.any_thread) {
    if (!take_from(only, run)) return false;
  } else {
    unlink(only, run);
    ++only.run_deallocations;
  }
  give_back(run);
  return true;
}

bool adopt_run(run_owner of, quarter_index run) noexcept {
  std::atomic<std::uint32_t>& word = owner_at(run);
  std::uint32_t owner = word.load(std::memory_order_relaxed);
  if (kind_of(owner) != page_kind::run || (owner & shared_flag) != 0) return false;
  const std::uint32_t mine = make_owner(page_kind::run, of.first->index) | did_io_flag;
  if ((owner & ~(adopted_flag | grew_flag)) == mine) return false;
  if (index_of(owner) != 0) {
    lane& other = lane_at(index_of(owner));
    if (!lets_go(other)) return false;
    const runs_lock guard(other);
    // Under the lock only I/O of this owner's own connection can intervene.
    owner = word.load(std::memory_order_acquire);  // pairs with the release in join
    if (!lets_go(other, guard) || !says_run_of(owner, other)) return false;
    if (&other == of.first) {
      word.store(owner | did_io_flag, std::memory_order_relaxed);
      return false;
    }
    const std::uint32_t shared = (owner & did_io_flag) != 0 ? shared_flag : 0;
    let_go(other, run, shared);
    owner = make_owner(page_kind::run, 0) | shared;
    if (shared != 0) return false;
  }
  return take_over(of, run, owner, mine);
}

void claim_run(run_owner of, quarter_index at, run_owner from) noexcept {
  std::uint32_t owner = owner_at(at).load(std::memory_order_relaxed);
  if (kind_of(owner) != page_kind::run || (owner & shared_flag) != 0) return;
  if (index_of(owner) != 0) {
    if (from.first == nullptr || from.first == of.first || !let_go_unproven(from, at)) return;
    owner = make_owner(page_kind::run, 0) | (owner & grew_flag);
  }
  take_over(of, at, owner, make_owner(page_kind::run, of.first->index) | (owner & grew_flag));
}

bool release_runs(lane& first) noexcept {
  if (!first.runs) return true;
  // Nobody else is inside, but who checks all lanes, or forks, may look.
  const runs_lock guard(first);
  bool are_kept = true;
  while (const quarter_index run = first.runs) {
    unlink(first, run);
    ++first.run_deallocations;
    // What else there is to return, the caller asks when it is outside of the lock.
    if (keep_run(run, page_kind::released)) continue;
    give_beyond_thread(run, page_kind::released);
    are_kept = false;
  }
  return are_kept;
}

run_survivors abandon_runs(lane& first) noexcept {
  run_survivors left;
  const runs_lock guard(first);
  while (const quarter_index run = first.runs) abandon(first, run, left);
  return left;
}

run_survivors retire_runs(lane& first) noexcept {
  run_survivors left;
  const runs_lock guard(first);
  while (const quarter_index run = first.runs) {
    // The program made it before the connection, and may keep it for others.
    if ((owner_at(run).load(std::memory_order_relaxed) & adopted_flag) != 0) {
      abandon(first, run, left);
      continue;
    }
    unlink(first, run);
    ++left.blocks;
    left.quarters += run_info(run).quarters();
    count_live(-std::int64_t{run_info(run).quarters()});
    retire_room(run);
  }
  return left;
}

void for_each_run(lane& first, void (*see)(void*, const void*, std::size_t),
                  void* context) noexcept {
  const runs_lock guard(first);
  for (quarter_index run = first.runs; run; run = run_info(run).next()) {
    see(context, block_of(run), block_bytes(run, run_info(run).quarters()));
  }
}

void repair_runs(lane& first) noexcept {
  first.runs_guard.reset(lock_rank::runs);
  quarter_index before{};
  std::uint32_t quarters = 0;
  for (quarter_index run = first.runs; run; run = run_info(run).next()) {
    run_info(run).set_prev(before);
    quarters += run_info(run).quarters();
    // One that was about to come or to go stays, and goes with the arena.
    const std::uint32_t owner = owner_at(run).load(std::memory_order_relaxed);
    if (kind_of(owner) != page_kind::run || index_of(owner) != first.index) {
      owner_at(run).store(make_owner(page_kind::run, first.index), std::memory_order_relaxed);
    }
    before = run;
  }
  first.run_quarters = quarters;
}

}  // namespace connarena
