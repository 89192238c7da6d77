#include "arena/runs/run_room.hpp"

#include <algorithm>

#include "arena/runs/guards.hpp"
#include "arena/runs/run.hpp"
#include "heap/hardening.hpp"
#include "heap/retirement.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

constexpr std::uint64_t most_run_pages = std::uint64_t{1} << 29;
// A block of 64 KiB that grows for the second time will grow again: it gets seven
// times its length to do so in place: of what is cached at the start of so long a
// stretch, if there is one, or else of clean address space. The first time memory
// that is still resident is better than room.
constexpr std::uint32_t growing_pages = 64;
constexpr std::uint32_t spare_factor = 7;
constexpr std::uint32_t room_factor = 4;
constexpr std::uint32_t most_spare_pages = gib / run_page_bytes;

page_source source_for(bool is_nobodys, bool second_choice) noexcept {
  return is_nobodys != second_choice ? page_source::base_runs : page_source::runs;
}

std::uint32_t pages_of_alignment(std::size_t alignment) noexcept {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(alignment / run_page_bytes, most_run_pages));
}

page_run take_run(bool is_nobodys, std::uint32_t pages, std::size_t alignment,
                  std::uint32_t spare) noexcept {
  const std::uint32_t alignment_pages = pages_of_alignment(alignment);
  const bool is_plain = alignment_pages <= 1 && spare == 0;
  // What is resident anywhere comes before fresh pages.
  for (const bool second_choice : {false, true}) {
    if (!is_plain) break;
    const page_run taken = take_cached_pages(source_for(is_nobodys, second_choice), pages);
    if (taken.first != 0) return taken;
  }
  for (const bool second_choice : {false, true}) {
    const page_source from = source_for(is_nobodys, second_choice);
    const page_run taken = alignment_pages > 1 ? take_aligned_pages(from, pages, alignment_pages)
                                               : take_pages(from, pages, spare);
    if (taken.first != 0) return taken;
  }
  return {0, 0};
}

/// What a guarded run of this length takes between its guards' far ends: of a run
/// class, so that the next one finds it again in the cache.
std::uint32_t guarded_pages(std::uint32_t before, std::uint32_t pages) noexcept {
  return round_to_run_class(before + pages + run_pages_a_page);
}

/// Puts guards into pages that were taken: `before` pages, the run's and those behind.
/// Gives them back if there can be none.
run_room between_guards(const page_run& taken, std::uint32_t before, std::uint32_t pages,
                        std::uint32_t behind) noexcept {
  if (taken.first == 0) return {};
  const page_index run = taken.first + before;
  if (is_whole(run) && set_guards(run, before, pages, behind)) {
    return {{run, taken.resident == 0 ? 0 : pages}, pages, behind};
  }
  give_pages(source_of_run(run), taken.first, before + pages + behind, taken.resident);
  return {};
}

/// The start of a long cached stretch: a block can grow into the rest.
run_room take_guarded_start(page_source from, std::uint32_t pages) noexcept {
  constexpr std::uint32_t guard = run_pages_a_page;
  const page_run taken = take_cached_room(from, pages + 2 * guard, pages * room_factor);
  return between_guards(taken, guard, pages, guard);
}

/// None where there can be no guards.
run_room take_guarded_room(bool is_nobodys, std::uint32_t pages, std::size_t alignment,
                           std::uint32_t spare) noexcept {
  const std::uint32_t before = std::max(pages_of_alignment(alignment), run_pages_a_page);
  if (before + pages >= most_run_pages) return {};
  const std::uint32_t length = spare == 0 ? guarded_pages(before, pages) : before + pages;
  return between_guards(take_run(is_nobodys, length, alignment, spare), before, pages,
                        length + spare - before - pages);
}

run_room take_room(bool is_nobodys, std::uint32_t pages, std::size_t alignment,
                   std::uint32_t spare) noexcept {
  if (wants_guards(pages)) {
    const run_room guarded = take_guarded_room(is_nobodys, pages, alignment, spare);
    if (guarded.taken.first != 0) return guarded;
  }
  return {take_run(is_nobodys, pages, alignment, spare), pages, spare};
}

/// The guard behind a run moves into its spare pages, or else behind free ones there.
bool extend_guarded(page_index run, std::uint32_t more) noexcept {
  const run_info info(run);
  const std::uint32_t behind = run_info(run).spare();
  if (behind > more) {
    if (!move_guard(run, info.pages(), info.pages() + more)) return false;
    info.take_spare(more);
    return true;
  }
  const page_run taken = extend_pages(source_of_run(run), run + info.pages() + behind, more);
  if (taken.first == 0) return false;
  if (!move_guard_on(run, info.pages(), behind, more)) {
    give_pages(source_of_run(run), taken.first, more, taken.resident);
    return false;
  }
  const std::uint32_t inside = more - behind;
  wipe(run_page_address(taken.first),
       std::size_t{std::min(taken.resident, inside)} << run_page_shift);
  return true;
}

void give_guarded_room(page_index run) noexcept {
  const std::uint32_t before = pages_before(run);
  const std::uint32_t pages = run_info(run).pages();
  const std::uint32_t behind = run_info(run).spare();
  if (!lift_guards(run, pages, behind)) {
    // Nobody gets these addresses any more.
    static_cast<void>(purge_pages(run, pages));
    return;
  }
  const page_source source = source_of_run(run);
  constexpr std::uint32_t guard = run_pages_a_page;
  if (before > guard) give_pages(source, run - before, before - guard, 0);
  const std::uint32_t all = guard + pages + behind;
  give_pages(source, run - guard, all, std::min(all, guarded_pages(guard, pages)));
}

}  // namespace

std::uint32_t pages_of_long_request(std::size_t size_bytes) noexcept {
  if (size_bytes > most_run_pages * run_page_bytes) return 0;
  // A run is longer than any small block.
  const std::uint32_t pages = run_pages_for(std::max(size_bytes, page_bytes));
  return wants_guards(pages) ? pages : round_to_run_class(pages);
}

run_room take_room(bool is_nobodys, std::uint32_t pages, std::size_t alignment) noexcept {
  return take_room(is_nobodys, pages, alignment, 0);
}

run_room take_growing_room(bool is_nobodys, std::uint32_t pages, bool has_grown) noexcept {
  run_room room{};
  const bool has_spare = has_grown && pages >= growing_pages && pages <= most_spare_pages;
  if (has_spare) {
    const page_source source = source_for(is_nobodys, false);
    room = wants_guards(pages)
               ? take_guarded_start(source, pages)
               : run_room{take_cached_room(source, pages, pages * room_factor), pages, 0};
  }
  if (has_spare && room.taken.first == 0) {
    room = take_room(is_nobodys, pages, run_page_bytes, pages * spare_factor);
  }
  return room.taken.first != 0 ? room : take_room(is_nobodys, pages, run_page_bytes, 0);
}

bool extend_room(page_index run, std::uint32_t more) noexcept {
  if (is_guarded(run)) return extend_guarded(run, more);
  const run_info info(run);
  // It moves to where there are guards.
  if (wants_guards(info.pages() + more)) return false;
  if (run_info(run).spare() != 0) {
    if (run_info(run).spare() < more) return false;
    info.take_spare(more);
    return true;
  }
  const page_run taken = extend_pages(source_of_run(run), run + info.pages(), more);
  wipe(run_page_address(taken.first), std::size_t{taken.resident} << run_page_shift);
  return taken.first != 0;
}

void retire_room(page_index run) noexcept {
  const std::uint32_t length = run_info(run).pages();
  const std::uint32_t spare = run_info(run).spare();
  page_index first = run;
  std::uint32_t pages = length + spare;
  if (is_guarded(run)) {
    const std::uint32_t before = pages_before(run);
    const bool are_lifted = lift_guards(run, length, spare);
    first = are_lifted ? run - before : run;
    pages = are_lifted ? before + pages : length;
  }
  announce_retired(first, pages);
  retire_announced(first, pages);
}

void give_room(page_index run) noexcept {
  if (is_guarded(run)) return give_guarded_room(run);
  const std::uint32_t pages = run_info(run).pages();
  give_pages(source_of_run(run), run, pages + run_info(run).spare(), pages);
}

}  // namespace connarena
