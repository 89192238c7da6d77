// lines.hpp - how often cache lines move between cores, while threads take turns.
//
// Each thread is a core of its own with a cache that never runs full. A line moves when
// a core reads what another has written, or writes it when others have it too; the
// first core to touch a line takes it from memory, which is not counted, nor is a plain
// store, for which no core waits until it reads the line in the same turn. lines.cpp is what
// -fsanitize=thread makes the code call at each access; the sanitizer's own library is not linked.
// The kernel and the C library are not seen.
//
// Threads: whoever has the turn.
#pragma once

#include <cstddef>

namespace cores {

inline constexpr std::size_t most_threads = 64;

/// Of one turn.
struct line_moves {
  double all;
  double common;  ///< of lines that more than half of the threads have touched
  double fences;
};

/// The calling thread is that one, in its turns and outside.
void be_core(std::size_t core) noexcept;
void begin_turn(std::size_t core) noexcept;
void end_turn() noexcept;
/// Of the calling thread; negative if it is none.
[[nodiscard]] int this_core() noexcept;
/// The system makes every thread pass a fence.
void count_fence() noexcept;
/// From here on turns count.
void begin_counting() noexcept;
/// Prints what was counted, most moves first: moves a turn, how many cores touched the line, its
/// address, and that of the code which waits.
void print_moves() noexcept;
/// What was counted; all is forgotten.
[[nodiscard]] line_moves end_counting() noexcept;

}  // namespace cores
