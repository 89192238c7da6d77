// run_marks.hpp - how an address inside a run finds the run's start: pages of a run of
// more than 64 say where that is. So that a long one needs few of them, they are every
// 64th page up to the next whose number is a multiple of 64 * 64, from there on every
// 64 * 64th, and so on once more. Whoever looks goes back page by page for 64 of them,
// then in such steps.
//
// Threads: whoever makes, changes or ends the run.
#pragma once

#include "heap/region.hpp"

namespace connarena {

inline constexpr std::uint32_t mark_distance = 64;

namespace detail {
void mark(page_index run, std::uint32_t from, std::uint32_t to) noexcept;
void unmark(page_index run, std::uint32_t from, std::uint32_t to) noexcept;
}  // namespace detail

/// Marks the pages [from, to) of a run, counted from its first; or takes the marks off.
/// Short runs have none, so one that becomes long gets all, and one that becomes short
/// loses all.
inline void mark_inside(page_index run, std::uint32_t from, std::uint32_t to) noexcept {
  if (to > mark_distance) detail::mark(run, from > mark_distance ? from : 1, to);
}
inline void unmark_inside(page_index run, std::uint32_t from, std::uint32_t to) noexcept {
  if (to > mark_distance) detail::unmark(run, from > mark_distance ? from : 1, to);
}

/// The first page of the live run around a page; 0 if there is none. Threads: any.
[[nodiscard]] page_index run_around(page_index page) noexcept;

}  // namespace connarena
