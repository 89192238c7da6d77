#include "arena/runs/run_room.hpp"

#include <algorithm>

#include "arena/runs/guards.hpp"
#include "arena/runs/run.hpp"
#include "heap/hardening.hpp"
#include "heap/page_heap.hpp"
#include "heap/pages.hpp"
#include "heap/reservation.hpp"
#include "heap/retirement.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

constexpr std::uint64_t most_quarters = std::uint64_t{1} << 29;
// A block of 64 KiB that grows for the second time will grow again: it gets seven
// times its length to do so in place: of what is cached at the start of so long a
// stretch, if there is one, or else of clean address space. The first time memory
// that is still resident is better than room.
constexpr std::uint32_t growing_quarters = 64;
constexpr std::uint32_t spare_factor = 7;
constexpr std::uint32_t room_factor = 4;
constexpr std::uint32_t most_spare_quarters = gib / quarter_bytes;

page_source source_for(bool is_unowned, bool second_choice) noexcept {
  return is_unowned != second_choice ? page_source::base_runs : page_source::runs;
}

std::uint32_t quarters_of_alignment(std::size_t alignment) noexcept {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(alignment / quarter_bytes, most_quarters));
}

page_run take_resident(bool is_unowned, std::uint32_t quarters) noexcept {
  do {
    for (const bool second_choice : {false, true}) {
      const page_run taken = take_cached_pages(source_for(is_unowned, second_choice), quarters);
      if (taken.first != 0) return taken;
    }
  } while (clear_shelves_for(source_for(is_unowned, false), quarters));
  return {0, 0};
}

page_run take_run(bool is_unowned, std::uint32_t quarters, std::size_t alignment,
                  std::uint32_t spare) noexcept {
  const std::uint32_t alignment_quarters = quarters_of_alignment(alignment);
  const bool is_plain = alignment_quarters <= 1 && spare == 0;
  // What is resident anywhere comes before fresh memory.
  if (is_plain) {
    const page_run taken = take_resident(is_unowned, quarters);
    if (taken.first != 0) return taken;
  }
  for (const bool second_choice : {false, true}) {
    const page_source from = source_for(is_unowned, second_choice);
    const page_run taken = alignment_quarters > 1
                               ? take_aligned_pages(from, quarters, alignment_quarters)
                               : take_pages(from, quarters, spare);
    if (taken.first != 0) return taken;
  }
  return {0, 0};
}

/// What a guarded run of this length takes between its guards' far ends: of a run
/// class, so that the next one finds it again in the cache.
std::uint32_t guarded_quarters(std::uint32_t before, std::uint32_t quarters) noexcept {
  return round_to_run_class(before + quarters + units_a_page(region.runs));
}

/// Puts guards into what was taken: `before` quarters, the run's and those behind.
/// Gives them back if there can be none.
run_room between_guards(const page_run& taken, std::uint32_t before, std::uint32_t quarters,
                        std::uint32_t behind) noexcept {
  if (taken.first == 0) return {};
  const quarter_index run = quarter_index{taken.first} + before;
  if (starts_page(run) && set_guards(run, before, quarters, behind)) {
    return {{run.unit, taken.resident == 0 ? 0 : quarters}, quarters, behind};
  }
  give_pages(source_of_run(run), taken.first, before + quarters + behind, taken.resident);
  return {};
}

/// The start of a long cached stretch: a block can grow into the rest.
run_room take_guarded_start(page_source from, std::uint32_t quarters) noexcept {
  const std::uint32_t guard = units_a_page(region.runs);
  const page_run taken = take_cached_room(from, quarters + 2 * guard, quarters * room_factor);
  return between_guards(taken, guard, quarters, guard);
}

/// None where there can be no guards.
run_room take_guarded_room(bool is_unowned, std::uint32_t quarters, std::size_t alignment,
                           std::uint32_t spare) noexcept {
  const std::uint32_t before =
      std::max(quarters_of_alignment(alignment), units_a_page(region.runs));
  if (before + quarters >= most_quarters) return {};
  const std::uint32_t length = spare == 0 ? guarded_quarters(before, quarters) : before + quarters;
  return between_guards(take_run(is_unowned, length, alignment, spare), before, quarters,
                        length + spare - before - quarters);
}

run_room take_room(bool is_unowned, std::uint32_t quarters, std::size_t alignment,
                   std::uint32_t spare) noexcept {
  if (wants_guards(quarters)) {
    const run_room guarded = take_guarded_room(is_unowned, quarters, alignment, spare);
    if (guarded.run()) return guarded;
  }
  return {take_run(is_unowned, quarters, alignment, spare), quarters, spare};
}

/// Whether room that nobody uses is missed elsewhere.
bool counts_commits() noexcept { return is_frugal() || os::limits_commits(); }

/// The guard behind a run moves into its spare quarters, or else behind free ones there.
bool extend_guarded(quarter_index run, std::uint32_t more) noexcept {
  const run_info info(run);
  const std::uint32_t behind = run_info(run).spare();
  if (behind > more) {
    if (!move_guard(run, info.quarters(), info.quarters() + more)) return false;
    info.take_spare(more);
    return true;
  }
  const page_run taken =
      extend_pages(source_of_run(run), (run + info.quarters() + behind).unit, more);
  if (taken.first == 0) return false;
  if (!move_guard_on(run, info.quarters(), behind, more)) {
    give_pages(source_of_run(run), taken.first, more, taken.resident);
    return false;
  }
  const std::uint32_t inside = more - behind;
  wipe(quarter_address({taken.first}),
       std::size_t{std::min(taken.resident, inside)} << quarter_shift);
  return true;
}

void give_guarded_room(quarter_index run) noexcept {
  const std::uint32_t before = quarters_before(run);
  const std::uint32_t quarters = run_info(run).quarters();
  const std::uint32_t behind = run_info(run).spare();
  if (!lift_guards(run, quarters, behind)) {
    // Nobody gets these addresses any more.
    static_cast<void>(purge_units(run.unit, quarters));
    return;
  }
  const page_source source = source_of_run(run);
  const std::uint32_t guard = units_a_page(region.runs);
  if (before > guard) give_pages(source, (run - before).unit, before - guard, 0);
  const std::uint32_t all = guard + quarters + behind;
  give_pages(source, (run - guard).unit, all, std::min(all, guarded_quarters(guard, quarters)));
}

}  // namespace

std::uint32_t quarters_of_long_request(std::size_t size_bytes) noexcept {
  if (size_bytes > most_quarters * quarter_bytes) return 0;
  // A run is longer than any small block.
  const std::uint32_t quarters = quarters_for(std::max(size_bytes, page_bytes));
  return wants_guards(quarters) ? quarters : round_to_run_class(quarters);
}

run_room take_room(bool is_unowned, std::uint32_t quarters, std::size_t alignment) noexcept {
  return take_room(is_unowned, quarters, alignment, 0);
}

run_room take_growing_room(bool is_unowned, std::uint32_t quarters, bool has_grown) noexcept {
  run_room room{};
  const bool has_spare =
      has_grown && quarters >= growing_quarters && quarters <= most_spare_quarters;
  if (has_spare) {
    const page_source source = source_for(is_unowned, false);
    room = wants_guards(quarters)
               ? take_guarded_start(source, quarters)
               : run_room{take_cached_room(source, quarters, quarters * room_factor), quarters, 0};
  }
  if (has_spare && !room.run() && !counts_commits()) {
    room = take_room(is_unowned, quarters, quarter_bytes, quarters * spare_factor);
  }
  return room.run() ? room : take_room(is_unowned, quarters, quarter_bytes, 0);
}

bool extend_room(quarter_index run, std::uint32_t more) noexcept {
  if (is_guarded(run)) return extend_guarded(run, more);
  const run_info info(run);
  // It moves to where there are guards.
  if (wants_guards(info.quarters() + more)) return false;
  if (run_info(run).spare() != 0) {
    if (run_info(run).spare() < more) return false;
    info.take_spare(more);
    return true;
  }
  const page_run taken = extend_pages(source_of_run(run), (run + info.quarters()).unit, more);
  wipe(quarter_address({taken.first}), std::size_t{taken.resident} << quarter_shift);
  return taken.first != 0;
}

void retire_room(quarter_index run) noexcept {
  const std::uint32_t length = run_info(run).quarters();
  const std::uint32_t spare = run_info(run).spare();
  quarter_index first = run;
  std::uint32_t quarters = length + spare;
  if (is_guarded(run)) {
    const std::uint32_t before = quarters_before(run);
    const bool are_lifted = lift_guards(run, length, spare);
    first = are_lifted ? run - before : run;
    quarters = are_lifted ? before + quarters : length;
  }
  announce_retired(first.unit, quarters);
  retire_announced(first.unit, quarters);
}

void give_room(quarter_index run) noexcept {
  if (is_guarded(run)) return give_guarded_room(run);
  const std::uint32_t quarters = run_info(run).quarters();
  give_pages(source_of_run(run), run.unit, quarters + run_info(run).spare(), quarters);
}

}  // namespace connarena
