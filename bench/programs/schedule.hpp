// schedule.hpp - which trial runs when, and how long it will still take.
//
// Rounds are the outermost loop and allocators the innermost, so that the trials
// to be compared are close in time; each round starts with another allocator. A
// trial's idle 15 s overlap the next trial.
#pragma once

#include "options.hpp"
#include "report/results.hpp"

namespace demo {

/// Runs everything, with a line of progress for each trial.
/// Pre: on the demo's main thread.
[[nodiscard]] results run_all(const options& wanted);

}  // namespace demo
