// schedule.hpp - runs the trials, and says how long it will still take.
//
// A trial's idle 15 s overlap the next trials, unless those are brief.
#pragma once

#include <functional>

#include "options.hpp"
#include "report/results.hpp"

namespace demo {

/// Adds to `measured` what is wanted and not there yet, with a line of progress for
/// each trial. Whenever more has been measured, `keep` gets all of it.
/// Pre: on the demo's main thread.
[[nodiscard]] results run_all(const options& wanted, results measured,
                              const std::function<void(const results&)>& keep);

}  // namespace demo
