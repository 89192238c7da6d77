// live_metrics.hpp - live figures as Prometheus knows them: the one place that has the
// metrics' names, types and help texts, whoever writes them down.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "shim/launcher/live_segments.hpp"

namespace connarena::launcher {

enum class metric_type : unsigned char { gauge, counter, histogram };

struct metric_bucket {
  double bound;         ///< the highest value in it
  std::uint64_t count;  ///< in it and in those before
};

struct metric_sample {
  std::vector<std::pair<std::string, std::string>> labels;
  std::uint64_t value;  ///< of a histogram: of how many
  double sum = 0;       ///< of a histogram, and its
  std::vector<metric_bucket> buckets = {};
};

struct metric {
  std::string name, help;
  metric_type type;
  std::vector<metric_sample> samples;
};

/// Of each process, and of the largest connections of all of them: so many at most.
[[nodiscard]] std::vector<metric> metrics_of(const std::vector<live_process>& processes,
                                             std::size_t most_connections);

}  // namespace connarena::launcher
