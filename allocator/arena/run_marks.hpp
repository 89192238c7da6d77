// run_marks.hpp - how an address inside a run finds the run's start: every 16th page
// of a run says where that is.
//
// Threads: whoever makes, changes or ends the run.
#pragma once

#include "heap/region.hpp"

namespace connarena {

inline constexpr std::uint32_t marker_pages = 16;

namespace detail {
void mark(page_index run, std::uint32_t from, std::uint32_t to) noexcept;
void unmark(page_index run, std::uint32_t from, std::uint32_t to) noexcept;
}  // namespace detail

/// Marks the pages [from, to) of a run, counted from its first; or takes the marks off.
/// Short runs have none.
inline void mark_inside(page_index run, std::uint32_t from, std::uint32_t to) noexcept {
  if (to > marker_pages) detail::mark(run, from, to);
}
inline void unmark_inside(page_index run, std::uint32_t from, std::uint32_t to) noexcept {
  if (to > marker_pages) detail::unmark(run, from, to);
}

/// The first page of the live run around a page; 0 if there is none. Threads: any.
[[nodiscard]] page_index run_around(page_index page) noexcept;

}  // namespace connarena
