#include "shim/launcher/live_prometheus.hpp"

#include <algorithm>
#include <sstream>

namespace connarena::launcher {
namespace {

struct total_metric {
  const char* name;
  const char* type;
  const char* help;
  std::uint64_t live_process::*value;
};
constexpr total_metric totals[] = {
    {"connarena_resident_bytes", "gauge", "Resident memory of the whole process.",
     &live_process::resident_bytes},
    {"connarena_footprint_bytes", "gauge", "Pages and metadata that connarena holds.",
     &live_process::footprint_bytes},
    {"connarena_live_bytes", "gauge", "What of the footprint is in live blocks.",
     &live_process::live_bytes},
    {"connarena_retained_bytes", "gauge", "What of the footprint is wholly free pages.",
     &live_process::retained_bytes},
    {"connarena_connections_open", "gauge", "Connections that are open.", &live_process::open},
    {"connarena_connections_opened_total", "counter", "Connections that were opened.",
     &live_process::opened},
    {"connarena_connections_closed_total", "counter", "Connections that were closed.",
     &live_process::closed},
    {"connarena_survivor_bytes_total", "counter",
     "Bytes in blocks that were alive when their connection ended.", &live_process::survivor_bytes},
    {"connarena_survivor_blocks_total", "counter",
     "Blocks that were alive when their connection ended.", &live_process::survivor_blocks}};

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

/// As a label's value.
std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char each : value) {
    if (each == '\\' || each == '"') text += '\\';
    text += each;
  }
  return text + "\"";
}

std::string labels_of(const live_process& process) {
  return "pid=" + quoted(std::to_string(process.pid)) + ",program=" + quoted(process.program);
}

void add_head(std::ostringstream& to, const char* name, const char* type, const char* help) {
  to << "# HELP " << name << " " << help << "\n# TYPE " << name << " " << type << "\n";
}

void add_connections(std::ostringstream& to, const connection_metric& metric,
                     const live_process& process, std::size_t most) {
  const std::size_t shown = std::min(most, process.connections.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const live_connection& each = process.connections[i];
    to << metric.name << "{" << labels_of(process) << ",connection=" << quoted(name_of(each))
       << ",peer=" << quoted(each.peer) << "} " << each.*metric.value << "\n";
  }
}

}  // namespace

std::string prometheus_of(const std::vector<live_process>& processes,
                          std::size_t most_connections) {
  std::ostringstream text;
  for (const total_metric& metric : totals) {
    add_head(text, metric.name, metric.type, metric.help);
    for (const live_process& each : processes) {
      text << metric.name << "{" << labels_of(each) << "} " << each.*metric.value << "\n";
    }
  }
  for (const connection_metric& metric : of_each) {
    add_head(text, metric.name, "gauge", metric.help);
    for (const live_process& each : processes) {
      add_connections(text, metric, each, most_connections);
    }
  }
  return text.str();
}

}  // namespace connarena::launcher
