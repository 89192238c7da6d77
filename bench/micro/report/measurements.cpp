#include "report/measurements.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace report {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::set<std::string> known_counters = {"operations",  "empty_loop",  "returned_bytes",
                                              "page_faults", "taken_bytes", "bytes_each",
                                              "left_bytes",  "system_calls"};

/// "work/contender", less what Google Benchmark appends after another slash.
std::pair<std::string, std::string> split_name(const std::string& name) {
  const std::size_t first = name.find('/');
  if (first == std::string::npos) throw std::runtime_error("no contender in " + name);
  const std::size_t second = name.find('/', first + 1);
  return {name.substr(0, first), name.substr(first + 1, second - first - 1)};
}

sample sample_of(const json& entry) {
  sample one;
  for (const std::string& counter : known_counters) {
    if (entry.contains(counter)) one.counters[counter] = entry[counter].get<double>();
  }
  if (entry.at("time_unit") != "ns") throw std::runtime_error("not in nanoseconds");
  one.ns = entry.at("real_time").get<double>() / one.counters.at("operations");
  return one;
}

}  // namespace

measurements::measurements(const fs::path& folder) {
  for (const auto& round_folder : fs::directory_iterator(folder)) {
    if (!round_folder.is_directory()) continue;
    ++rounds_;
    const int round = std::stoi(round_folder.path().filename().string());
    for (const auto& each : fs::directory_iterator(round_folder.path())) read(each.path(), round);
  }
  if (works_.empty()) throw std::runtime_error("no results in " + folder.string());
}

void measurements::read(const fs::path& file, int round) {
  std::ifstream stream(file);
  const json document = json::parse(stream);
  for (const json& entry : document.at("benchmarks")) {
    const auto [work, contender] = split_name(entry.at("name").get<std::string>());
    series& found = works_[work][contender];
    if (entry.value("error_occurred", false)) {
      found.refusal = entry.value("error_message", "failed");
    } else {
      found.by_round[round] = sample_of(entry);
    }
  }
}

const series* measurements::find(const std::string& work, const std::string& contender) const {
  const auto row = works_.find(work);
  if (row == works_.end()) return nullptr;
  const auto cell = row->second.find(contender);
  return cell == row->second.end() ? nullptr : &cell->second;
}

void measurements::write_csv(const fs::path& file) const {
  std::ofstream out(file);
  out << "work,contender,round,ns";
  for (const std::string& counter : known_counters) out << ',' << counter;
  out << '\n';
  for (const auto& [work, contenders] : works_) {
    for (const auto& [contender, cell] : contenders) {
      for (const auto& [round, one] : cell.by_round) {
        out << work << ',' << contender << ',' << round << ',' << one.ns;
        for (const std::string& counter : known_counters) {
          out << ',';
          if (one.counters.count(counter) != 0) out << one.counters.at(counter);
        }
        out << '\n';
      }
    }
  }
}

}  // namespace report
