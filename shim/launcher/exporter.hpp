// exporter.hpp - metrics over HTTP, for a Prometheus to fetch: by prometheus-cpp, where this
// was built with it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shim/launcher/live_metrics.hpp"

namespace connarena::launcher {

/// Gives the metrics as they are now. Called by one thread at a time.
using metric_source = std::function<std::vector<metric>()>;

/// Serves for as long as it lives.
class exporter {
 public:
  virtual ~exporter() = default;
  [[nodiscard]] virtual int port() const = 0;
};

/// At "127.0.0.1:9300", or "[::1]:9300"; port 0 is any that is free. Null, and `error` a line
/// that says why, if it cannot.
[[nodiscard]] std::unique_ptr<exporter> start_exporter(const std::string& address,
                                                       metric_source source, std::string& error);

}  // namespace connarena::launcher
