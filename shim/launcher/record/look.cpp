#include "shim/launcher/record/look.hpp"

#include <algorithm>

#include "shim/launcher/live_text.hpp"

namespace connarena::launcher {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t most_connections = 10;

struct number {
  const char* name;
  std::uint64_t look::*value;
  bool is_everywhere = true;  ///< else it is not in earlier recordings
};
constexpr number numbers[] = {{"processes", &look::processes},
                              {"resident_bytes", &look::resident_bytes},
                              {"footprint_bytes", &look::footprint_bytes},
                              {"live_bytes", &look::live_bytes},
                              {"retained_bytes", &look::retained_bytes},
                              {"open", &look::open},
                              {"opened", &look::opened},
                              {"closed", &look::closed},
                              {"survivor_bytes", &look::survivor_bytes},
                              {"disconnected", &look::disconnected, false},
                              {"refused", &look::refused, false},
                              {"limit_bytes", &look::limit_bytes, false},
                              {"budget_bytes", &look::budget_bytes, false}};

struct spread {
  const char* name;
  distribution look::*value;
};
constexpr spread spreads[] = {{"open_sizes", &look::open_sizes},
                              {"ended_peaks", &look::ended_peaks},
                              {"ended_lifetimes", &look::ended_lifetimes}};

}  // namespace

look look_at(const live_process& service, std::int64_t at_ms) {
  look made{};
  made.at_ms = at_ms;
  made.processes = service.processes;
  made.resident_bytes = service.resident_bytes;
  made.footprint_bytes = service.footprint_bytes;
  made.live_bytes = service.live_bytes;
  made.retained_bytes = service.retained_bytes;
  made.open = service.open;
  made.opened = service.opened;
  made.closed = service.closed;
  made.survivor_bytes = service.survivor_bytes;
  made.disconnected = service.disconnected;
  made.refused = service.refused;
  made.limit_bytes = service.limit_bytes;
  made.budget_bytes = service.budget_bytes;
  made.open_sizes = footprints_of(service.connections);
  made.ended_peaks = service.ended_peaks;
  made.ended_lifetimes = service.ended_lifetimes;
  const std::size_t count = std::min(most_connections, service.connections.size());
  for (std::size_t i = 0; i < count; ++i) {
    const live_connection& each = service.connections[i];
    made.largest.push_back({std::to_string(each.process) + "/" + name_of(each), where_text(each),
                            each.footprint_bytes});
  }
  return made;
}

json json_of(const look& of) {
  json line = {{"at_ms", of.at_ms}};
  for (const number& each : numbers) line[each.name] = of.*each.value;
  for (const spread& each : spreads) line[each.name] = (of.*each.value).counts;
  json& largest = line["largest"] = json::array();
  for (const recorded_connection& each : of.largest) {
    largest.push_back({each.id, each.name, each.footprint_bytes});
  }
  return line;
}

look look_in(const json& line) {
  look read{};
  read.at_ms = line.at("at_ms").get<std::int64_t>();
  for (const number& each : numbers) {
    if (!each.is_everywhere && !line.contains(each.name)) continue;
    read.*each.value = line.at(each.name).get<std::uint64_t>();
  }
  for (const spread& each : spreads) line.at(each.name).get_to((read.*each.value).counts);
  for (const json& each : line.at("largest")) {
    read.largest.push_back({each.at(0).get<std::string>(), each.at(1).get<std::string>(),
                            each.at(2).get<std::uint64_t>()});
  }
  return read;
}

}  // namespace connarena::launcher
