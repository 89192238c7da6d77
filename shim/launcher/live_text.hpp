// live_text.hpp - live figures as people read them, line by line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "shim/launcher/live_segments.hpp"

namespace connarena::launcher {

/// 12s, 4m05s, 3h20m, 2d04h.
[[nodiscard]] std::string span_text(std::int64_t ns);
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
/// Where it leads, or what is known of it.
[[nodiscard]] std::string where_text(const live_connection& connection);
[[nodiscard]] const char* state_text(const live_connection& connection);

/// What limits there are and what they did; empty: nothing.
[[nodiscard]] std::string limits_text(const live_process& process);

/// "nginx, process 7" or "nginx, 5 processes", and for how long.
[[nodiscard]] std::string title_of(const live_process& process);
/// A process's totals, some lines.
[[nodiscard]] std::string totals_text(const live_process& process);

/// All processes, a line each.
[[nodiscard]] std::string process_heading();
[[nodiscard]] std::string process_line(const live_process& process);
[[nodiscard]] std::string processes_text(const std::vector<live_process>& processes);

}  // namespace connarena::launcher
