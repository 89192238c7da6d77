// live_json.hpp - live figures as JSON: docs/live.md has the schema.
#pragma once

#include <string>
#include <vector>

#include "shim/launcher/live_segments.hpp"

namespace connarena::launcher {

/// The version of the schema: it grows where a field changes its meaning or goes.
inline constexpr int json_schema = 1;

[[nodiscard]] std::string json_of(const live_process& process, std::size_t most_connections);
/// Totals alone.
[[nodiscard]] std::string json_of(const std::vector<live_process>& processes);

}  // namespace connarena::launcher
