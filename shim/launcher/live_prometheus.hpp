// live_prometheus.hpp - live figures in Prometheus's text format, version 0.0.4.
#pragma once

#include <string>
#include <vector>

#include "shim/launcher/live_segments.hpp"

namespace connarena::launcher {

/// Totals of each, and of each its largest connections: so many series at most.
[[nodiscard]] std::string prometheus_of(const std::vector<live_process>& processes,
                                        std::size_t most_connections);

}  // namespace connarena::launcher
