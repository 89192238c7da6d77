// guards.hpp - pages without access before and behind a large run, in a hardened
// process: a touch of one ends the program with SIGSEGV.
//
// Guards, and what they guard, are whole pages of the system.
//
// The pages behind are those that the run may grow into: growing moves their start.
// A run is guarded on both sides or on neither; page owners say so before it.
//
// Where guards split mappings, few runs at a time get them, so that the number of
// mappings stays bounded; the others, and those that the system refuses, have none.
//
// Threads: whoever takes, resizes or gives the run.
#pragma once

#include <cstdint>

#include "heap/page_infos.hpp"
#include "heap/region.hpp"

namespace connarena {

/// Whether a run of so many pages is to be guarded.
[[nodiscard]] bool wants_guards(std::uint32_t pages) noexcept;

[[nodiscard]] inline bool is_whole(page_index page) noexcept {
  return whole_pages_begin(region.runs, page) == page;
}

[[nodiscard]] inline bool is_guarded(page_index run) noexcept {
  return kind_of(region.owners[run - 1].load(std::memory_order_relaxed)) == page_kind::guard;
}

/// Pages before a guarded run.
[[nodiscard]] inline std::uint32_t pages_before(page_index run) noexcept {
  return guard_info(run - 1).pages();
}

/// Guards `before` pages before a run and `behind` pages behind its `pages`. They
/// lose their contents. False, with nothing done, if that cannot be.
[[nodiscard]] bool set_guards(page_index run, std::uint32_t before, std::uint32_t pages,
                              std::uint32_t behind) noexcept;

/// Takes them away: the pages read as zero. False if the system refuses: those pages
/// stay without access.
[[nodiscard]] bool lift_guards(page_index run, std::uint32_t pages, std::uint32_t behind) noexcept;

/// Moves the start of the guard behind a run from page `from` to page `to` of it. What
/// becomes accessible reads as zero. False, with nothing done, if the system refuses.
[[nodiscard]] bool move_guard(page_index run, std::uint32_t from, std::uint32_t to) noexcept;

/// The same where the run grows by `more` pages into what lies behind its guard of
/// `behind` pages, which is no longer than that: the guard goes behind all of it.
[[nodiscard]] bool move_guard_on(page_index run, std::uint32_t pages, std::uint32_t behind,
                                 std::uint32_t more) noexcept;

}  // namespace connarena
