// guards.hpp - pages without access before and behind a large run, in a hardened
// process: a touch of one ends the program with SIGSEGV.
//
// Guards, and what they guard, are whole pages of the system.
//
// The quarters behind are those that the run may grow into: growing moves their start.
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

/// Whether a run of so many quarters is to be guarded.
[[nodiscard]] bool wants_guards(std::uint32_t quarters) noexcept;

[[nodiscard]] inline bool starts_page(quarter_index quarter) noexcept {
  return whole_pages_begin(region.runs, quarter.unit) == quarter.unit;
}

[[nodiscard]] inline bool is_guarded(quarter_index run) noexcept {
  return kind_of(owner_at(run - 1).load(std::memory_order_relaxed)) == page_kind::guard;
}

/// Quarters before a guarded run.
[[nodiscard]] inline std::uint32_t quarters_before(quarter_index run) noexcept {
  return guard_info(run - 1).quarters();
}

/// Guards `before` quarters before a run and `behind` quarters behind its own. They
/// lose their contents. False, with nothing done, if that cannot be.
[[nodiscard]] bool set_guards(quarter_index run, std::uint32_t before, std::uint32_t quarters,
                              std::uint32_t behind) noexcept;

/// Takes them away: the pages read as zero. False if the system refuses: those pages
/// stay without access.
[[nodiscard]] bool lift_guards(quarter_index run, std::uint32_t quarters,
                               std::uint32_t behind) noexcept;

/// Moves the start of the guard behind a run from quarter `from` to quarter `to` of it. What
/// becomes accessible reads as zero. False, with nothing done, if the system refuses.
[[nodiscard]] bool move_guard(quarter_index run, std::uint32_t from, std::uint32_t to) noexcept;

/// The same where the run grows by `more` quarters into what lies behind its guard of
/// `behind` quarters, which is no longer than that: the guard goes behind all of it.
[[nodiscard]] bool move_guard_on(quarter_index run, std::uint32_t quarters, std::uint32_t behind,
                                 std::uint32_t more) noexcept;

}  // namespace connarena
