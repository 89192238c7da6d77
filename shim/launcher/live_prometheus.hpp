// live_prometheus.hpp - live figures in Prometheus's text format, version 0.0.4.
#pragma once

#include <string>
#include <vector>

#include "shim/launcher/live_metrics.hpp"

namespace connarena::launcher {

[[nodiscard]] std::string prometheus_text(const std::vector<metric>& metrics);

}  // namespace connarena::launcher
