#include "report/chart_data.hpp"

#include <fstream>
#include <functional>
#include <sstream>

namespace report {
namespace {

using bar = std::function<std::optional<spread>(const work& row, const std::string& contender)>;

/// A line for each part: whole titles would run into each other.
std::string label_of(const work& row) {
  std::string label = row.title;
  for (std::size_t at = label.find(", "); at != std::string::npos; at = label.find(", ")) {
    label.replace(at, 2, "\\n");
  }
  return label;
}

void write(const std::filesystem::path& file, const std::vector<work>& works, const bar& height) {
  std::ostringstream lines;
  bool has_any = false;
  for (const work& row : works) {
    std::ostringstream line;
    bool has_bar = false;
    line << '"' << label_of(row) << '"';
    for (const contender& each : contenders()) {
      const auto figure = height(row, each.key);
      has_bar = has_bar || figure;
      line << ' ' << (figure ? std::to_string(figure->median) : "?");
    }
    if (has_bar) lines << line.str() << '\n';
    has_any = has_any || has_bar;
  }
  if (!has_any) {
    std::filesystem::remove(file);
    return;
  }
  std::ofstream out(file);
  out << "work";
  for (const contender& each : contenders()) out << " \"" << each.title << '"';
  out << '\n' << lines.str();
}

bool belongs(const std::string& chart, const work& row) {
  const bool is_close = row.key.rfind("close_live", 0) == 0 || row.returnable_bytes > 0;
  const bool is_reconnect = row.key.rfind("reconnect", 0) == 0;
  const bool is_burst = row.key.rfind("burst", 0) == 0 || row.key.rfind("busy_beside_idle", 0) == 0;
  if (chart == "close") return is_close;
  if (chart == "reconnect") return is_reconnect;
  if (chart == "burst") return is_burst;
  return !is_close && !is_reconnect && !is_burst;
}

}  // namespace

void write_chart_data(const comparison& figures, const std::filesystem::path& folder) {
  const bar ratio = [&](const work& row, const std::string& contender) -> std::optional<spread> {
    const bool must_return = row.returnable_bytes > 0;
    if (must_return && !figures.returns_memory(row, contender)) return std::nullopt;
    const std::string peer =
        must_return ? figures.fastest_returning_peer(row) : figures.fastest_peer(row);
    return figures.ratio(row.key, contender, peer, harness::included);
  };
  for (const std::string chart : {"speed", "close", "reconnect", "burst"}) {
    std::vector<work> works;
    for (const work& row : timed_works()) {
      if (belongs(chart, row)) works.push_back(row);
    }
    write(folder / (chart + ".dat"), works, ratio);
  }
  write(folder / "idle.dat", idle_works(), [&](const work& row, const std::string& contender) {
    return figures.counter(row.key, contender, "bytes_each");
  });
}

}  // namespace report
