#include "report/raw_data.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

namespace demo {
namespace {

nlohmann::ordered_json json_of(const trial_result& each) {
  nlohmann::ordered_json json = {
      {"program", each.program},
      {"allocator", each.allocator},
      {"round", each.round},
  };
  if (!each.failure.empty()) {
    json["failure"] = each.failure;
    return json;
  }
  json["operations"] = each.outcome.operations;
  json["load_seconds"] = each.outcome.seconds;
  json["cpu_seconds"] = each.cpu_seconds;
  json["before_bytes"] = each.before_bytes;
  json["peak_bytes"] = each.peak_bytes;
  json["after_1s_bytes"] = each.after_1s_bytes;
  json["after_15s_bytes"] = each.after_15s_bytes;
  json["held_bytes"] = each.held_bytes;
  if (each.outcome.slope_mib_per_minute) {
    json["slope_mib_per_minute"] = *each.outcome.slope_mib_per_minute;
  }
  nlohmann::ordered_json curve = nlohmann::ordered_json::array();
  for (const curve_point& point : each.curve) curve.push_back({point.seconds, point.resident_mib});
  json["seconds_since_close_and_resident_mib"] = std::move(curve);
  return json;
}

}  // namespace

void write_raw_data(const results& all, const machine& measured_on,
                    const std::filesystem::path& file) {
  nlohmann::ordered_json json;
  json["date"] = measured_on.date;
  json["machine"] = measured_on.lines;
  json["glibc_after_trim_bytes"] = all.after_trim_bytes;
  json["trials"] = nlohmann::ordered_json::array();
  for (const trial_result& each : all.trials) json["trials"].push_back(json_of(each));
  std::ofstream(file) << json.dump(1) << '\n';
}

}  // namespace demo
