#include "arena/arenas.hpp"

#include <algorithm>

#include "arena/lane/access.hpp"
#include "arena/lane/check_lane.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/lane/habit.hpp"
#include "arena/lane/idle_lanes.hpp"
#include "arena/runs/runs.hpp"
#include "arena/small/fresh_spans.hpp"
#include "arena/small/outboxes.hpp"
#include "arena/small/small_blocks.hpp"
#include "arena/small/spans.hpp"
#include "arena/small/sweep.hpp"
#include "arena/warm_lanes.hpp"
#include "base/beside.hpp"
#include "heap/commits.hpp"
#include "heap/slot_pool.hpp"
#include "heap/slow_calls.hpp"

namespace connarena {

constinit std::atomic<std::uint64_t> detail::next_generations{1};

namespace {

// One shared write for so many arenas that a thread opens.
constexpr std::uint32_t generation_batch = 1024;

std::uint64_t take_generations(std::uint32_t count) noexcept {
  return detail::next_generations.fetch_add(count, std::memory_order_relaxed);
}

std::uint64_t next_generation(thread_slot& self) noexcept {
  if (!self.is_registered()) return take_generations(1);
  if (self.generations_left == 0) {
    self.next_generation = take_generations(generation_batch);
    self.generations_left = generation_batch;
  }
  --self.generations_left;
  return self.next_generation++;
}

std::uint64_t take_generation() noexcept {
  thread_slot& self = this_thread();
  std::uint64_t taken = 0;
  do {
    taken = next_generation(self) & most_generation;
  } while (taken <= one_thread_generation);
  return taken;
}

/// A lane that has nothing.
lane* take_cold() noexcept {
  const std::uint32_t index = take_place(place::lane);
  if (index == 0) return nullptr;
  lane& taken = lane_at(index);
  begin_with(taken, {});
  // A stale visitor may read it: it is not written again.
  const std::uint32_t tag = make_owner(page_kind::small, index);
  if (taken.tag != tag) taken.tag = tag;
  taken.index = index;
  taken.reported_pages = 0;
  taken.counted_live = 0;
  taken.runs = {};
  taken.run_quarters = 0;
  taken.charge.store(0, std::memory_order_relaxed);
  return &taken;
}

/// With a limit an arena takes its pages one by one: it means the same in every process.
lane* take_lane(bool any_thread, std::uint32_t limit_quarters) noexcept {
  lane* const warm = limit_quarters == no_limit ? take_warm(this_thread(), any_thread) : nullptr;
  if (warm != nullptr) return warm;
  return region_ready() ? take_cold() : nullptr;
}

lane* open_lane(bool any_thread, std::uint32_t limit_quarters, const char* name) noexcept {
  lane* const taken = take_lane(any_thread, limit_quarters);
  if (taken == nullptr) return nullptr;
  lane& fresh = *taken;
  fresh.allocations = 0;
  fresh.deallocations = 0;
  fresh.shed_at = 0;
  fresh.idle_before = 0;
  fresh.is_released = false;
  fresh.any_thread = any_thread;
  fresh.kind = arena_kind::ordinary;
  fresh.limit_quarters = limit_quarters;
  // release: who reads a name that is of a later arena sees that the one before has ended
  fresh.name.store(name, std::memory_order_release);
  fresh.first_lane = fresh.index;
  fresh.noted_run_quarters = limit_quarters == no_limit && !is_hardened() ? 1 : 0;
  fresh.run_allocations = 0;
  fresh.run_deallocations = 0;
  fresh.peak_quarters.store(0, std::memory_order_relaxed);
  fresh.owner.store(0, std::memory_order_relaxed);
  fresh.second.store(0, std::memory_order_relaxed);
  fresh.hands = any_thread && may_new_lane_be_owned() ? hands_of_new_lane : hands_of_shared_lane;
  fresh.worker = 0;
  fresh.lone.store(lone_lane::shut, std::memory_order_relaxed);
  return &fresh;
}

/// Of a lane that has just been opened: whoever looked before found it closed. Of an arena
/// for one thread its reports note it, should others ever look in.
void note_spare(const lane& opened) noexcept {
  if (opened.any_thread && opened.has_spare) note_idle(opened);
}

/// Calls `end(span, its end)` for each span of a lane, which is to be closed or made
/// one without spans.
template <typename End>
void end_spans(lane& in, End end) noexcept {
  const span_id current = in.current;
  const granule_index current_end = in.bump;
  leave_current(in, in.bump);
  while (const span_id span = take_first_span(in)) {
    end(span, span == current ? current_end : span + span_length(span));
  }
}

/// What becomes of the spans of a lane in which nothing lives on.
enum class lane_is : std::uint8_t { emptied, ended };
inline void end_own_spans(lane& in, thread_slot& self, lane_is now) noexcept {
  if (now == lane_is::ended && may_keep_warm(in, self)) return become_warm(in, self);
  give_spans(in);
}

/// Pre: the caller is inside the lane.
void release_small(lane& in, thread_slot& self, lane_is now) noexcept {
  look_at(in);
  collect_all_remote(in);
  close_account(in);
  if (!in.has_mixed) {
    end_own_spans(in, self, now);
  } else {
    end_spans(in, [&](span_id span, granule_index end) { release_span(in, span, end); });
  }
  // Survivors of others.
  collect_remote_after_move(in);
}

/// Calls `end` inside a lane. Nobody works on an arena that is released, but others
/// free survivors of earlier arenas in its pages, and count or trim.
template <typename End>
void inside(lane& in, visit_to purpose, End end) noexcept {
  if (!in.any_thread) return end(in);
  const visit visiting(in, purpose);
  end(in);
}

/// Pre: the caller is inside the lane.
survivors drain_small(lane& in, survivors_are become) noexcept {
  survivors left;
  look_at(in);
  collect_all_remote(in);
  const bool is_empty = live_granules(in) == 0 && !in.has_mixed;
  thread_slot& self = this_thread();
  if (is_empty && end_plain(in, self) != plain_end::not_done) return left;
  close_account(in);
  if (is_empty) {
    end_own_spans(in, self, lane_is::ended);
  } else {
    end_spans(in, [&](span_id span, granule_index end) {
      if (become == survivors_are::retired) {
        retire_span(in, span, end, left);
      } else {
        donate_span(in, span, end, left);
      }
    });
  }
  collect_remote_after_move(in);
  return left;
}

std::uint64_t bytes_of(const survivors& left) noexcept { return left.granules << granule_shift; }

/// Pre: the caller is inside the first lane. Gives the second one, for give_lanes.
std::uint32_t drain_inside(lane& first, survivors_are become, drained& result) noexcept {
  const std::uint64_t footprint = footprint_bytes(first);
  const std::uint32_t second = first.second.load(std::memory_order_relaxed);
  survivors left = drain_small(first, become);
  if (second != 0) {
    const visit visiting_second(lane_at(second), visit_to::end, lock_rank::second_lane);
    const survivors more = drain_small(lane_at(second), become);
    left.blocks += more.blocks;
    left.granules += more.granules;
    close_lane(lane_at(second));
  }
  close_lane(first);
  const bool are_kept = become == survivors_are::kept;
  const run_survivors runs = are_kept ? abandon_runs(first) : retire_runs(first);
  end_charge(first);
  result.survivor_bytes = bytes_of(left) + (runs.quarters << quarter_shift);
  result.survivor_blocks = std::uint64_t{left.blocks} + runs.blocks;
  result.returned_bytes = footprint - std::min(footprint, result.survivor_bytes);
  return second;
}

inline void give_lane(std::uint32_t index, thread_slot& self) noexcept {
  lane& in = lane_at(index);
  if (in.spans != 0) [[likely]]
    return keep_warm(in, self);
  give_place(place::lane, index);
}

/// Outside the lanes: others may take them at once. `is_quiet`: see pass_quiet_time.
inline void leave_ended(thread_slot& self, std::uint32_t first, std::uint32_t second,
                        bool is_quiet) noexcept {
  if (second != 0) [[unlikely]]
    give_lane(second, self);
  give_lane(first, self);
  is_quiet ? pass_quiet_time(self) : pass_time(self);
}

/// Ends what is not an arena for one thread with a plain lane. Its runs have ended.
[[gnu::noinline]] void end_lanes(lane& first, thread_slot& self, bool is_quiet) noexcept {
  const auto end = [&](lane& in) {
    const plain_end as = end_plain(in, self);
    is_quiet &= as == plain_end::quiet;
    if (as != plain_end::not_done) return;
    release_small(in, self, lane_is::ended);
    close_lane(in);
  };
  const std::uint32_t second = first.second.load(std::memory_order_relaxed);
  if (second != 0) inside(lane_at(second), visit_to::end, end);
  inside(first, visit_to::end, end);
  end_charge(first);
  leave_ended(self, first.index, second, is_quiet);
}

}  // namespace

constinit lane no_lane{};

lane* open_arena(std::size_t limit_bytes, const char* name, bool any_thread) noexcept {
  lane* const first = open_lane(any_thread, limit_in_quarters(limit_bytes), name);
  if (first == nullptr) return nullptr;
  // release: whoever finds the arena by its handle sees it opened
  first->generation.store(any_thread ? take_generation() : one_thread_generation,
                          std::memory_order_release);
  note_spare(*first);
  return first;
}

void forget_peaks_of_runs() noexcept {
  for (std::uint32_t index = 1; index < places_end(place::lane); ++index) {
    lane_at(index).noted_run_quarters = 0;
  }
}

void empty_arena(lane& first) noexcept {
  thread_slot& self = this_thread();
  const auto empty = [&self](lane& in) {
    release_small(in, self, lane_is::emptied);
    in.deallocations = in.allocations;
    leave_spans(in);
    // Inside: whoever looks in writes what lies beside it.
    in.is_released = true;
    look_at(in);
  };
  release_runs(first);
  inside(first, visit_to::work, empty);
  if (lane* const second = second_of(first)) inside(*second, visit_to::work, empty);
  pass_time(self);
}

void end_arena(lane& first) noexcept {
  thread_slot& self = this_thread();
  const bool is_quiet = !first.runs || release_runs(first);
  if (!first.any_thread && !has_limit(first)) [[likely]] {
    const plain_end as = end_plain(first, self);
    if (as != plain_end::not_done) [[likely]]
      return leave_ended(self, first.index, 0, is_quiet && as == plain_end::quiet);
  }
  end_lanes(first, self, is_quiet);
}

bool drain(lane& first, connarena_t handle, survivors_are become, drained& result) noexcept {
  std::uint32_t second = 0;
  {
    const visit visiting(first, visit_to::end);
    if (!is_of(first, handle)) return false;
    second = drain_inside(first, become, result);
  }
  leave_ended(this_thread(), first.index, second, false);
  return true;
}

bool drain_empty(lane& first, connarena_t handle, drained& result) noexcept {
  if (is_owned_by_another(first)) return false;
  {
    const visit visiting(first, visit_to::end);
    if (!is_of(first, handle)) return false;
    collect_all_remote(first);
    if (live_granules(first) != 0 || first.runs || second_of(first) != nullptr) return false;
    drain_inside(first, survivors_are::kept, result);
  }
  leave_ended(this_thread(), first.index, 0, false);
  return true;
}

lane* second_lane(lane& first, connarena_t handle) noexcept {
  const lock_guard guard(first.guard, lock_rank::lane);
  if (!is_of(first, handle)) return nullptr;
  if (lane* const second = second_of(first)) return second;
  // Nobody has to know here whether it is inside.
  if (first.owner.load(std::memory_order_relaxed) != 0) return nullptr;
  lane* const fresh = open_lane(true, first.limit_quarters, nullptr);
  if (fresh == nullptr) return nullptr;
  first.hands.changes = most_changes - 1;
  fresh->hands.changes = most_changes - 1;
  fresh->first_lane = first.index;
  fresh->generation.store(first.generation.load(std::memory_order_relaxed),
                          std::memory_order_release);
  first.second.store(fresh->index, std::memory_order_release);
  note_spare(*fresh);
  return fresh;
}

bool shed_arena(lane& first, connarena_t handle) noexcept {
  if (!has_limit(first)) return false;
  if (!first.any_thread) return shed(first);
  bool has_shed = false;
  for (lane* const each : {&first, second_of(first)}) {
    if (each == nullptr) continue;
    const visit inside(*each);
    if (!is_of(*each, handle)) return false;
    collect_all_remote(*each);
    has_shed |= shed(*each);
  }
  return has_shed;
}

void read_counters(lane& first, connarena_stats& out) noexcept {
  out = connarena_stats{};
  // Other threads may be making and freeing runs.
  out.allocations = read_beside(first.run_allocations);
  out.deallocations = read_beside(first.run_deallocations);
  out.live_bytes = run_bytes(first);
  const auto add = [&out](lane& each) {
    collect_all_remote(each);
    out.allocations += each.allocations;
    out.deallocations += each.deallocations;
    out.live_bytes += std::size_t{live_granules(each)} << granule_shift;
    out.footprint_bytes += metadata_bytes(each);
  };
  add(first);
  if (lane* const second = second_of(first)) {
    const visit visiting(*second, visit_to::look, lock_rank::second_lane);
    add(*second);
  }
  out.footprint_bytes += footprint_bytes(first);
  out.peak_bytes = std::max(noted_peak_bytes(first), out.footprint_bytes);
}

}  // namespace connarena
