// named_arenas.hpp - the arenas that the program itself opens under a name, in a report.
//
// Each call is given every arena of the program, and ignores those that have no name.
// Pre: the caller is inside the core.
#pragma once

#include "api/core.hpp"
#include "shim/report/own_record.hpp"

namespace connarena::shim::report {

namespace detail {
void count_named_opened(core::handle arena) noexcept;
void count_named_ended(core::handle arena, bool are_blocks_kept) noexcept;
}  // namespace detail

inline void arena_is_named(core::handle arena) noexcept {
  if (is_report_wanted()) detail::count_named_opened(arena);
}
/// It is about to end: its blocks stay valid,
inline void named_arena_drains(core::handle arena) noexcept {
  if (is_report_wanted()) detail::count_named_ended(arena, true);
}
/// or end with it.
inline void named_arena_is_destroyed(core::handle arena) noexcept {
  if (is_report_wanted()) detail::count_named_ended(arena, false);
}

}  // namespace connarena::shim::report
