#include "shim/launcher/live_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "shim/launcher/live_text.hpp"

namespace connarena::launcher {
namespace {

using json = nlohmann::ordered_json;

double in_seconds(std::int64_t ns) {
  constexpr std::int64_t ns_a_ms = 1000000;
  const std::int64_t whole_ms = ns / ns_a_ms;
  return static_cast<double>(whole_ms) / 1000;
}

json text_or_null(const std::string& text) { return text.empty() ? json() : json(text); }
json bound_or_null(std::uint64_t bytes) { return bytes == 0 ? json() : json(bytes); }

/// A program that is linked to the library decides by itself.
json over_limit_of(const live_process& of) {
  if (!of.has_connections) return {};
  return of.over_limit_fails ? "fail" : "disconnect";
}

json json_of_totals(const live_process& of) {
  return {{"pid", of.pid},
          {"program", of.program},
          {"age_seconds", in_seconds(of.age_ns)},
          {"figures_age_seconds", in_seconds(of.figures_age_ns)},
          {"resident_bytes", of.resident_bytes},
          {"footprint_bytes", of.footprint_bytes},
          {"live_bytes", of.live_bytes},
          {"retained_bytes", of.retained_bytes},
          {"retain_bytes", of.retain_bytes},
          {"survivor_bytes", of.survivor_bytes},
          {"survivor_blocks", of.survivor_blocks},
          {"connections_open", of.open},
          {"connections_opened", of.opened},
          {"connections_inherited", of.inherited},
          {"connections_closed", of.closed},
          {"connections_unlisted", of.unlisted},
          {"connections_disconnected", of.disconnected},
          {"limit_bytes", bound_or_null(of.limit_bytes)},
          {"over_limit", over_limit_of(of)},
          {"budget_bytes", bound_or_null(of.budget_bytes)},
          {"blocks_refused", of.has_connections ? json(of.refused) : json()}};
}

json json_of_connection(const live_connection& of) {
  return {{"id", name_of(of)},
          {"fd", of.fd >= 0 ? json(of.fd) : json()},
          {"state", of.state == live::row_state::open ? "open" : "draining"},
          {"disconnected", of.is_disconnected},
          {"kind", text_or_null(of.kind)},
          {"name", text_or_null(of.name)},
          {"local", text_or_null(of.local)},
          {"peer", text_or_null(of.peer)},
          {"age_seconds", in_seconds(of.age_ns)},
          {"idle_seconds", in_seconds(of.idle_ns)},
          {"live_bytes", of.live_bytes},
          {"peak_bytes", of.peak_bytes},
          {"footprint_bytes", of.footprint_bytes},
          {"limit_bytes", bound_or_null(of.limit_bytes)},
          {"blocks", of.blocks}};
}

std::string text_of(const json& what) {
  constexpr int spaces = 2;
  return what.dump(spaces) + "\n";
}

}  // namespace

std::string json_of(const live_process& process, std::size_t most_connections) {
  json whole = {{"schema", json_schema}};
  whole.update(json_of_totals(process));
  json& rows = whole["connections"] = json::array();
  const std::size_t shown = std::min(most_connections, process.connections.size());
  for (std::size_t i = 0; i < shown; ++i)
    rows.push_back(json_of_connection(process.connections[i]));
  return text_of(whole);
}

std::string json_of(const std::vector<live_process>& processes) {
  json whole = {{"schema", json_schema}, {"processes", json::array()}};
  for (const live_process& each : processes) whole["processes"].push_back(json_of_totals(each));
  return text_of(whole);
}

}  // namespace connarena::launcher
