#include "arena/runs/guards.hpp"
#include "arena/runs/run.hpp"
#include "arena/runs/run_marks.hpp"
#include "arena/runs/run_room.hpp"
#include "arena/runs/runs.hpp"
#include "heap/page_heap.hpp"
#include "heap/pages.hpp"

namespace connarena {
namespace {

/// Changes the length that counts for an arena, if the run is still its own. What it
/// grows by is reserved if `grower` is that arena. False if it is another's by now, or
/// unowned: an arena that adopted it meanwhile may have no room for its growth.
bool count_length_of(lane& first, quarter_index run, std::uint32_t quarters,
                     run_owner grower) noexcept {
  const run_info info(run);
  const runs_lock guard(first);
  if (index_of(owner_at(run).load(std::memory_order_relaxed)) != first.index) return false;
  const std::uint32_t before = info.quarters();
  const bool is_reserved = grower.first == &first && is_open(grower) && is_charged(grower);
  if (quarters > before && !is_reserved && !reserve(first, bytes_of_quarters(quarters - before))) {
    let_go(first, run, 0);
    return false;
  }
  note_peak_before_fewer_runs(first);
  first.run_quarters += quarters - before;
  info.set_quarters(quarters);
  if (quarters < before) give_up(first, bytes_of_quarters(before - quarters));
  note_growth_of_runs(first);
  return true;
}

/// Changes the length that counts for the run's owner, whoever that is by now.
void count_length(quarter_index run, std::uint32_t quarters, run_owner grower) noexcept {
  const run_info info(run);
  const std::uint32_t before = info.quarters();
  for (;;) {
    // acquire: pairs with the release in let_go, which has counted the length as it was
    const std::uint32_t owner = owner_at(run).load(std::memory_order_acquire);
    if (kind_of(owner) != page_kind::run || index_of(owner) == 0) break;
    lane& first = lane_at(index_of(owner));
    if (!count_length_of(first, run, quarters, grower)) continue;
    if (&first != grower.first) give_up_for(grower, quarters - before);
    return;
  }
  count_unowned(std::int64_t{quarters} - before);
  info.set_quarters(quarters);
  give_up_for(grower, quarters - before);
}

void set_length(quarter_index run, std::uint32_t quarters, run_owner grower = {}) noexcept {
  const std::uint32_t before = run_info(run).quarters();
  if (quarters > before) {
    mark_inside(run, before, quarters);
  } else {
    unmark_inside(run, quarters, before);
  }
  count_live(std::int64_t{quarters} - before);
  count_length(run, quarters, grower);
}

/// The arena that has a live run, or nobody.
run_owner owner_of_run(quarter_index run) noexcept {
  const std::uint32_t index = index_of(owner_at(run).load(std::memory_order_relaxed));
  if (index == 0) return {};
  lane& first = lane_at(index);
  return {&first, first.generation.load(std::memory_order_relaxed)};
}

bool grow_run_of(run_owner grower, quarter_index run, std::uint32_t quarters) noexcept {
  const std::uint32_t more = quarters - run_info(run).quarters();
  if (!extend_room(run, more)) {
    give_up_for(grower, more);
    return false;
  }
  set_length(run, quarters, grower);
  return true;
}

[[gnu::noinline]] bool grow_run_under_limit(run_owner grower, quarter_index run,
                                            std::uint32_t quarters) noexcept {
  const connarena_t handle = make_handle(grower.generation, grower.first->index);
  if (!reserve_for(grower, quarters - run_info(run).quarters())) return false;
  grower.generation |= charged_bit;
  if (!grow_run_of(grower, run, quarters)) return false;
  notify(*grower.first, handle);
  return true;
}

bool grow_run(quarter_index run, std::uint32_t quarters) noexcept {
  const run_owner grower = owner_of_run(run);
  return is_limited(grower) ? grow_run_under_limit(grower, run, quarters)
                            : grow_run_of(grower, run, quarters);
}

/// The guard behind the run moves to its new end, and what it leaves goes to the system.
void shrink_guarded(quarter_index run, std::uint32_t quarters) noexcept {
  const run_info info(run);
  const std::uint32_t less = info.quarters() - quarters;
  if (!move_guard(run, info.quarters(), quarters)) return;
  set_length(run, quarters);
  info.give_spare(less);
}

/// What a block leaves is idle like what is freed, and goes with the room behind it: a
/// buffer that shrinks after each answer must not fault in the next one.
void shrink_run(quarter_index run, std::uint32_t quarters) noexcept {
  const run_info info(run);
  const std::uint32_t less = info.quarters() - quarters;
  if (stays_when_shrunk(info.quarters(), quarters)) return;
  if (is_guarded(run)) return shrink_guarded(run, quarters);
  const std::uint32_t spare = info.spare();
  info.take_spare(spare);
  set_length(run, quarters);
  // Where it grows again, memory that is still resident is better than room once more.
  owner_at(run).fetch_and(~grew_flag, std::memory_order_relaxed);
  give_pages(source_of_run(run), (run + quarters).unit, less + spare, less);
}

}  // namespace

bool resize_run(quarter_index run, std::size_t size_bytes) noexcept {
  const std::uint32_t quarters = quarters_of_block(run, size_bytes);
  if (quarters == 0) return false;
  const std::uint32_t now = run_info(run).quarters();
  if (quarters == now) return true;
  if (quarters > now) return grow_run(run, quarters);
  shrink_run(run, quarters);
  return true;
}

}  // namespace connarena
