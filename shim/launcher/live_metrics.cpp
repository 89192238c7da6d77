#include "shim/launcher/live_metrics.hpp"

#include <algorithm>

namespace connarena::launcher {
namespace {

struct total_metric {
  const char* name;
  metric_type type;
  const char* help;
  std::uint64_t live_process::*value;
  bool has_zero = true;  ///< else there is none of it where it is 0
};
constexpr total_metric totals[] = {
    {"connarena_resident_bytes", metric_type::gauge, "Resident memory of the whole process.",
     &live_process::resident_bytes},
    {"connarena_footprint_bytes", metric_type::gauge, "Pages and metadata that connarena holds.",
     &live_process::footprint_bytes},
    {"connarena_live_bytes", metric_type::gauge, "What of the footprint is in live blocks.",
     &live_process::live_bytes},
    {"connarena_retained_bytes", metric_type::gauge, "What of the footprint is wholly free pages.",
     &live_process::retained_bytes},
    {"connarena_connections_open", metric_type::gauge, "Connections that are open.",
     &live_process::open},
    {"connarena_connections_opened_total", metric_type::counter, "Connections that were opened.",
     &live_process::opened},
    {"connarena_connections_closed_total", metric_type::counter, "Connections that were closed.",
     &live_process::closed},
    {"connarena_survivor_bytes_total", metric_type::counter,
     "Bytes in blocks that were alive when their connection ended.", &live_process::survivor_bytes},
    {"connarena_survivor_blocks_total", metric_type::counter,
     "Blocks that were alive when their connection ended.", &live_process::survivor_blocks},
    {"connarena_connections_disconnected_total", metric_type::counter,
     "Connections that a limit, or whoever was asked, has disconnected.",
     &live_process::disconnected},
    {"connarena_blocks_refused_total", metric_type::counter, "Blocks that a limit has refused.",
     &live_process::refused},
    {"connarena_connection_limit_bytes", metric_type::gauge,
     "What each connection may hold, where there is a limit.", &live_process::limit_bytes, false},
    {"connarena_budget_bytes", metric_type::gauge,
     "What all connections may hold together, where there is a budget.",
     &live_process::budget_bytes, false}};

struct ended_metric {
  const char* name;
  const char* help;
  distribution live_process::*value;
  const live::bounds& bounds;
  double units;  ///< so many are one of the metric's
};
constexpr ended_metric of_ended[] = {
    {"connarena_ended_connection_peak_bytes", "The most that connections held that have ended.",
     &live_process::ended_peaks, live::size_bounds, 1},
    {"connarena_ended_connection_lifetime_seconds",
     "For how long connections were open that have ended.", &live_process::ended_lifetimes,
     live::lifetime_bounds_ms, 1000}};

constexpr const char* open_name = "connarena_open_connection_footprint_bytes";
constexpr const char* open_help =
    "What each connection holds that is open: of now, so its counts fall, too.";

struct connection_metric {
  const char* name;
  const char* help;
  std::uint64_t live_connection::*value;
};
constexpr connection_metric of_each[] = {
    {"connarena_connection_footprint_bytes", "What one of the largest connections holds.",
     &live_connection::footprint_bytes},
    {"connarena_connection_live_bytes", "What of that is in live blocks.",
     &live_connection::live_bytes},
    {"connarena_connection_peak_bytes", "The most that it held.", &live_connection::peak_bytes}};

using labels = std::vector<std::pair<std::string, std::string>>;

labels labels_of(const live_process& process) {
  return {{"pid", std::to_string(process.pid)}, {"program", process.program}};
}

metric_sample histogram_of(const distribution& seen, const live::bounds& bounds, double units,
                           labels its) {
  metric_sample sample{std::move(its), 0, static_cast<double>(seen.sum) / units};
  for (std::size_t i = 0; i < live::bound_count; ++i) {
    sample.value += seen.counts[i];
    sample.buckets.push_back({static_cast<double>(bounds[i]) / units, sample.value});
  }
  sample.value += seen.counts[live::bound_count];
  return sample;
}

/// A connection, and whose it is.
using owned_connection = std::pair<const live_process*, const live_connection*>;

std::vector<owned_connection> largest(const std::vector<live_process>& processes,
                                      std::size_t most) {
  std::vector<owned_connection> all;
  for (const live_process& each : processes) {
    const std::size_t count = std::min(most, each.connections.size());
    for (std::size_t i = 0; i < count; ++i) all.emplace_back(&each, &each.connections[i]);
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& one, const auto& other) {
    return one.second->footprint_bytes > other.second->footprint_bytes;
  });
  if (all.size() > most) all.resize(most);
  return all;
}

metric_sample sample_of(const owned_connection& of, std::uint64_t live_connection::*value) {
  labels its = labels_of(*of.first);
  its.emplace_back("connection", name_of(*of.second));
  its.emplace_back("peer", of.second->peer);
  its.emplace_back("name", of.second->name);
  return {std::move(its), of.second->*value};
}

void add_totals(std::vector<metric>& to, const std::vector<live_process>& processes) {
  for (const total_metric& each : totals) {
    metric total{each.name, each.help, each.type, {}};
    for (const live_process& of : processes) {
      const std::uint64_t value = of.*each.value;
      if (value != 0 || each.has_zero) total.samples.push_back({labels_of(of), value});
    }
    if (!total.samples.empty()) to.push_back(std::move(total));
  }
}

void add_histograms(std::vector<metric>& to, const std::vector<live_process>& processes) {
  for (const ended_metric& each : of_ended) {
    metric ended{each.name, each.help, metric_type::histogram, {}};
    for (const live_process& of : processes) {
      ended.samples.push_back(histogram_of(of.*each.value, each.bounds, each.units, labels_of(of)));
    }
    to.push_back(std::move(ended));
  }
  metric open{open_name, open_help, metric_type::histogram, {}};
  for (const live_process& of : processes) {
    open.samples.push_back(
        histogram_of(footprints_of(of.connections), live::size_bounds, 1, labels_of(of)));
  }
  to.push_back(std::move(open));
}

}  // namespace

std::vector<metric> metrics_of(const std::vector<live_process>& processes,
                               std::size_t most_connections) {
  std::vector<metric> all;
  add_totals(all, processes);
  add_histograms(all, processes);
  const std::vector<owned_connection> shown = largest(processes, most_connections);
  for (const connection_metric& each : of_each) {
    metric connections{each.name, each.help, metric_type::gauge, {}};
    for (const owned_connection& of : shown) {
      connections.samples.push_back(sample_of(of, each.value));
    }
    all.push_back(std::move(connections));
  }
  return all;
}

}  // namespace connarena::launcher
