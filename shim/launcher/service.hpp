// service.hpp - the processes of one service: a server and the workers that it started.
#pragma once

#include <vector>

#include "shim/launcher/live_segments.hpp"

namespace connarena::launcher {

/// Of all processes those that are of one program with a process and of one family with it:
/// each is its ancestor, or has an ancestor with it in common, of that program. Empty if
/// that one is not among them.
[[nodiscard]] std::vector<live_process> service_of(pid_t process,
                                                   const std::vector<live_process>& all);

/// What they come to, as if they were one process, the first. Pre: there is one.
[[nodiscard]] live_process added_up(std::vector<live_process> processes);

}  // namespace connarena::launcher
