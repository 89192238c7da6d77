// live_arenas.hpp - the live figures of arenas that the program opened by itself: brought up
// to date when the program says so.
//
// Nothing is noted as arenas come and go: a look visits all, with some loads for each, and
// finds which are new and which have gone. So a program that shows nothing pays nothing.
#pragma once

#include "live/own_segment.hpp"

namespace connarena::core {

/// Whose work the totals of the process are, and what besides is not an arena of the program.
struct looker {
  bool shows_totals;
  const char* others;  ///< arenas that were opened under it, by its address; may be null
};

/// Brings rows up to date, and from now on connarena_idle does. Where another thread is at
/// it, that one looks again. Pre: there is a segment, and `as` lasts.
void show_arenas(const looker& as) noexcept;
/// The same, if it has been called before and it is time. Gives after how many milliseconds
/// there is more to show; -1: nothing.
[[nodiscard]] int show_arenas_again(const looker& as) noexcept;
/// The process locks its memory: rows that were never used are given up. Pre: the thread is not
/// looking.
void give_up_unused_rows() noexcept;
/// In a forked child.
void forget_look() noexcept;

/// Of two such times the earlier.
[[nodiscard]] constexpr int earlier_of(int one_ms, int other_ms) noexcept {
  if (one_ms < 0 || other_ms < 0) return one_ms < 0 ? other_ms : one_ms;
  return one_ms < other_ms ? one_ms : other_ms;
}

}  // namespace connarena::core
