// run_marks.hpp - how an address inside a run finds the run's start: quarters of a run
// of more than 64 say where that is. So that a long one needs few of them, they are every
// 64th one up to the next whose number is a multiple of 64 * 64, from there on every
// 64 * 64th, and so on once more. Whoever looks goes back one by one for 64 of them,
// then in such steps.
//
// Threads: whoever makes, changes or ends the run.
#pragma once

#include "heap/region.hpp"

namespace connarena {

inline constexpr std::uint32_t mark_distance = 64;

namespace detail {
void mark(quarter_index run, std::uint32_t from, std::uint32_t to) noexcept;
void unmark(quarter_index run, std::uint32_t from, std::uint32_t to) noexcept;
}  // namespace detail

/// Marks the quarters [from, to) of a run, counted from its first; or takes the marks off.
/// Short runs have none, so one that becomes long gets all, and one that becomes short
/// loses all.
inline void mark_inside(quarter_index run, std::uint32_t from, std::uint32_t to) noexcept {
  if (to > mark_distance) detail::mark(run, from > mark_distance ? from : 1, to);
}
inline void unmark_inside(quarter_index run, std::uint32_t from, std::uint32_t to) noexcept {
  if (to > mark_distance) detail::unmark(run, from > mark_distance ? from : 1, to);
}

/// The live run around a quarter; 0 if there is none. Threads: any.
[[nodiscard]] quarter_index run_around(quarter_index inside) noexcept;

}  // namespace connarena
