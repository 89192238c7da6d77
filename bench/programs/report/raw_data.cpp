#include "report/raw_data.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

namespace demo {
namespace {

/// Calls `visit(name, figure)` on what each trial that did not fail has measured.
template <typename Trial, typename Visit>
void for_each_figure(Trial& of, Visit visit) {
  visit("operations", of.outcome.operations);
  visit("load_seconds", of.outcome.seconds);
  visit("cpu_seconds", of.cpu_seconds);
  visit("page_faults", of.page_faults);
  visit("before_bytes", of.before_bytes);
  visit("peak_bytes", of.peak_bytes);
  visit("after_1s_bytes", of.after_1s_bytes);
  visit("held_bytes", of.held_bytes);
}

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
  for_each_figure(each, [&](const char* name, const auto& figure) { json[name] = figure; });
  if (each.after_15s_bytes) json["after_15s_bytes"] = *each.after_15s_bytes;
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
  for_each_figure(one, [&](const char* name, auto& figure) { json.at(name).get_to(figure); });
  if (json.contains("after_15s_bytes")) {
    one.after_15s_bytes = json.at("after_15s_bytes").get<std::uint64_t>();
  }
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
