#include "arena/runs/guards.hpp"
#include "arena/runs/run.hpp"
#include "arena/runs/run_marks.hpp"
#include "arena/runs/run_room.hpp"
#include "arena/runs/runs.hpp"
#include "heap/page_heap.hpp"

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
  const bool is_reserved = grower.first == &first && is_open(grower);
  if (quarters > before && !is_reserved && !reserve(first, bytes_of_quarters(quarters - before))) {
    let_go(first, run, 0);
    return false;
  }
  add_to(first.run_quarters, quarters - before);
  info.set_quarters(quarters);
  if (quarters < before) give_up(first, bytes_of_quarters(before - quarters));
  note_peak(first);
  return true;
}

/// Changes the length that counts for the run's owner, whoever that is by now.
void count_length(quarter_index run, std::uint32_t quarters, run_owner grower) noexcept {
  const run_info info(run);
  const std::uint32_t before = info.quarters();
  for (;;) {
    const std::uint32_t owner = owner_at(run).load(std::memory_order_relaxed);
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

bool grow_run(quarter_index run, std::uint32_t quarters) noexcept {
  const std::uint32_t more = quarters - run_info(run).quarters();
  const run_owner grower = owner_of_run(run);
  if (!reserve_for(grower, more)) return false;
  if (!extend_room(run, more)) {
    give_up_for(grower, more);
    return false;
  }
  set_length(run, quarters, grower);
  return true;
}

bool shrink_run(quarter_index run, std::uint32_t quarters) noexcept {
  const run_info info(run);
  const std::uint32_t less = info.quarters() - quarters;
  if (stays_when_shrunk(info.quarters(), quarters)) return true;
  if (run_info(run).spare() != 0) {
    const bool is_gone = is_guarded(run) ? move_guard(run, info.quarters(), quarters)
                                         : purge_units(run.unit + quarters, less);
    if (!is_gone) return true;
    set_length(run, quarters);
    info.give_spare(less);
    return true;
  }
  const quarter_index tail = run + quarters;
  set_length(run, quarters);
  give_pages(source_of_run(run), tail.unit, less, less);
  return true;
}

}  // namespace

bool resize_run(quarter_index run, std::size_t size_bytes) noexcept {
  const std::uint32_t quarters = quarters_of_block(run, size_bytes);
  if (quarters == 0) return false;
  const std::uint32_t now = run_info(run).quarters();
  if (quarters == now) return true;
  return quarters > now ? grow_run(run, quarters) : shrink_run(run, quarters);
}

}  // namespace connarena
