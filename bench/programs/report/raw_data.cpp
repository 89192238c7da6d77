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

trial_result trial_of(const nlohmann::json& json) {
  trial_result one;
  json.at("program").get_to(one.program);
  json.at("allocator").get_to(one.allocator);
  json.at("round").get_to(one.round);
  if (json.contains("failure")) {
    json.at("failure").get_to(one.failure);
    return one;
  }
  json.at("operations").get_to(one.outcome.operations);
  json.at("load_seconds").get_to(one.outcome.seconds);
  json.at("cpu_seconds").get_to(one.cpu_seconds);
  json.at("before_bytes").get_to(one.before_bytes);
  json.at("peak_bytes").get_to(one.peak_bytes);
  json.at("after_1s_bytes").get_to(one.after_1s_bytes);
  json.at("after_15s_bytes").get_to(one.after_15s_bytes);
  json.at("held_bytes").get_to(one.held_bytes);
  if (json.contains("slope_mib_per_minute")) {
    one.outcome.slope_mib_per_minute = json.at("slope_mib_per_minute").get<double>();
  }
  for (const auto& point : json.at("seconds_since_close_and_resident_mib")) {
    one.curve.push_back({point.at(0).get<double>(), point.at(1).get<double>()});
  }
  return one;
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
  std::filesystem::path unfinished = file;
  unfinished += ".new";
  std::ofstream(unfinished) << json.dump(1) << '\n';
  std::filesystem::rename(unfinished, file);
}

results read_raw_data(const std::filesystem::path& file) {
  const nlohmann::json json = nlohmann::json::parse(std::ifstream(file));
  results all;
  json.at("glibc_after_trim_bytes").get_to(all.after_trim_bytes);
  for (const auto& each : json.at("trials")) all.trials.push_back(trial_of(each));
  return all;
}

}  // namespace demo
