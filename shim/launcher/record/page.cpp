#include "shim/launcher/record/page.hpp"

#include <algorithm>
#include <map>

namespace connarena::launcher {
namespace {

using json = nlohmann::ordered_json;

/// A page shows so many points: of more looks, of each few the one with most memory.
constexpr std::size_t most_points = 2000;
constexpr std::size_t most_connections = 12;

bool holds_less(const look& one, const look& other) {
  return one.footprint_bytes < other.footprint_bytes;
}

std::vector<const look*> points_of(const std::vector<look>& looks) {
  std::vector<const look*> points;
  const std::size_t step = (looks.size() + most_points - 1) / most_points;
  for (std::size_t i = 0; i < looks.size(); i += step) {
    const auto begin = looks.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(step, looks.size() - i));
    points.push_back(&*std::max_element(begin, end, holds_less));
  }
  return points;
}

double in_seconds(const look& of) { return static_cast<double>(of.at_ms) / 1000; }

struct connection_past {
  std::string id, name;
  std::uint64_t most = 0;
  double first = 0, last = 0;
};

/// Those that held most, that first.
std::vector<connection_past> largest_of(const std::vector<look>& looks) {
  std::map<std::string, connection_past> by_id;
  for (const look& each : looks) {
    for (const recorded_connection& one : each.largest) {
      if (one.footprint_bytes == 0) continue;
      connection_past& past = by_id[one.id];
      if (past.id.empty()) past.first = in_seconds(each);
      past.id = one.id;
      if (past.name.size() <= one.name.size()) past.name = one.name;
      past.most = std::max(past.most, one.footprint_bytes);
      past.last = in_seconds(each);
    }
  }
  std::vector<connection_past> all;
  for (auto& [id, past] : by_id) all.push_back(std::move(past));
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& one, const auto& other) { return one.most > other.most; });
  if (all.size() > most_connections) all.resize(most_connections);
  return all;
}

/// What a connection held at each point; null where it was none of the largest.
json bytes_of(const std::string& id, const std::vector<const look*>& points) {
  json bytes = json::array();
  for (const look* each : points) {
    const auto found = std::find_if(each->largest.begin(), each->largest.end(),
                                    [&](const auto& one) { return one.id == id; });
    bytes.push_back(found != each->largest.end() ? json(found->footprint_bytes) : json());
  }
  return bytes;
}

json largest_json(const recording& what, const std::vector<const look*>& points) {
  json all = json::array();
  for (const connection_past& each : largest_of(what.looks)) {
    all.push_back({{"id", each.id},
                   {"name", each.name},
                   {"most", each.most},
                   {"first", each.first},
                   {"last", each.last},
                   {"bytes", bytes_of(each.id, points)}});
  }
  return all;
}

json series_of(const std::vector<const look*>& points, std::uint64_t look::*value) {
  json all = json::array();
  for (const look* each : points) all.push_back(each->*value);
  return all;
}

std::uint64_t most_of(const std::vector<look>& looks, std::uint64_t look::*value) {
  std::uint64_t most = 0;
  for (const look& each : looks) most = std::max(most, each.*value);
  return most;
}

json sites_json(const std::vector<survivor_site>& sites) {
  json all = json::array();
  for (const survivor_site& each : sites) {
    all.push_back({{"bytes", each.bytes}, {"blocks", each.blocks}, {"frames", each.frames}});
  }
  return all;
}

json data_of(const recording& what) {
  const std::vector<const look*> points = points_of(what.looks);
  json time = json::array();
  for (const look* each : points) time.push_back(in_seconds(*each));
  const auto fullest = std::max_element(what.looks.begin(), what.looks.end(), holds_less);
  const look none{};
  const look& last = what.looks.empty() ? none : what.looks.back();
  const look& most = what.looks.empty() ? none : *fullest;
  return {{"program", what.of.program},
          {"pid", what.of.pid},
          {"looks", what.looks.size()},
          {"most_processes", most_of(what.looks, &look::processes)},
          {"most_resident", most_of(what.looks, &look::resident_bytes)},
          {"most_footprint", most_of(what.looks, &look::footprint_bytes)},
          {"most_open", most_of(what.looks, &look::open)},
          {"opened", most_of(what.looks, &look::opened)},
          {"survivor_bytes", most_of(what.looks, &look::survivor_bytes)},
          {"disconnected", most_of(what.looks, &look::disconnected)},
          {"refused", most_of(what.looks, &look::refused)},
          {"time", std::move(time)},
          {"resident", series_of(points, &look::resident_bytes)},
          {"footprint", series_of(points, &look::footprint_bytes)},
          {"live", series_of(points, &look::live_bytes)},
          {"budget", series_of(points, &look::budget_bytes)},
          {"open", series_of(points, &look::open)},
          {"largest", largest_json(what, points)},
          {"size_bounds", live::size_bounds},
          {"lifetime_bounds_ms", live::lifetime_bounds_ms},
          {"open_sizes", most.open_sizes.counts},
          {"ended_peaks", last.ended_peaks.counts},
          {"ended_lifetimes", last.ended_lifetimes.counts},
          {"sites", sites_json(what.sites)}};
}

/// As it may stand in a page: no name in it begins an element.
std::string safe_text(const json& of) {
  std::string text = of.dump(-1, ' ', true, json::error_handler_t::replace);
  for (std::size_t at = text.find('<'); at != text.npos; at = text.find('<', at)) {
    text.replace(at, 1, "\\u003c");
  }
  return text;
}

void put(std::string& page, std::string_view mark, std::string_view text) {
  if (const std::size_t at = page.find(mark); at != page.npos) page.replace(at, mark.size(), text);
}

}  // namespace

std::string page_of(const recording& what, const page_parts& parts) {
  std::string page(parts.frame);
  put(page, "/*STYLE*/", std::string(parts.chart_style) + std::string(parts.style));
  // The last first: what is put in may hold any of the marks.
  put(page, "/*SCRIPT*/", parts.script);
  put(page, "/*UPLOT*/", parts.chart_script);
  put(page, "/*DATA*/", safe_text(data_of(what)));
  return page;
}

}  // namespace connarena::launcher
