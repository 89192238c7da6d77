// live_control.hpp - asks a running program for something, through its live figures.
#pragma once

#include <functional>
#include <string>

#include "live/segment.hpp"

namespace connarena::launcher {

/// Has `write` fill in a request to the process, and waits until it is carried out. Empty, or
/// a line that says why it is not.
[[nodiscard]] std::string ask_process(const std::string& pid,
                                      const std::function<void(live::request_box&)>& write);

}  // namespace connarena::launcher
