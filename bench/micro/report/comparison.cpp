#include "report/comparison.hpp"

#include <algorithm>

namespace report {
namespace {

/// Left of a time, less the empty loop, for a ratio to it to mean something:
/// below this the rounds' own noise is larger.
constexpr double least_share_left = 0.05;

/// What our own arenas may keep for the next connection.
constexpr double retention_floor_bytes = 8.0 * (1 << 20);

}  // namespace

std::optional<spread> spread_of(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return spread{median, values.front(), values.back()};
}

std::optional<spread> comparison::time_ns(const std::string& work,
                                          const std::string& contender) const {
  std::vector<double> times;
  const series* found = all_.find(work, contender);
  if (found == nullptr) return std::nullopt;
  for (const auto& [round, one] : found->by_round) times.push_back(one.ns);
  return spread_of(times);
}

std::optional<spread> comparison::counter(const std::string& work, const std::string& contender,
                                          const std::string& name) const {
  std::vector<double> values;
  const series* found = all_.find(work, contender);
  if (found == nullptr) return std::nullopt;
  for (const auto& [round, one] : found->by_round) {
    const auto value = one.counters.find(name);
    if (value != one.counters.end()) values.push_back(value->second);
  }
  return spread_of(values);
}

std::optional<double> comparison::time_in(const std::string& work, const std::string& contender,
                                          int round, harness loop) const {
  const series* found = all_.find(work, contender);
  if (found == nullptr || found->by_round.count(round) == 0) return std::nullopt;
  const sample& one = found->by_round.at(round);
  if (loop == harness::included) return one.ns;

  const bool is_like_freeing = one.counters.at("empty_loop") != 0;
  const std::string empty = is_like_freeing ? "empty_freeing" : "empty";
  const std::optional<double> empty_ns = time_in(work, empty, round, harness::included);
  if (!empty_ns) return std::nullopt;
  return one.ns - *empty_ns;
}

std::optional<spread> comparison::ratio(const std::string& work, const std::string& one,
                                        const std::string& other, harness loop) const {
  std::vector<double> ratios;
  const series* found = all_.find(work, one);
  if (found == nullptr) return std::nullopt;
  for (const auto& [round, unused] : found->by_round) {
    const auto mine = time_in(work, one, round, loop);
    const auto base = time_in(work, other, round, loop);
    const auto whole_base = time_in(work, other, round, harness::included);
    if (!mine || !base || *base < least_share_left * *whole_base) continue;
    ratios.push_back(std::max(*mine, 0.0) / *base);
  }
  return spread_of(ratios);
}

std::optional<spread> comparison::ratio_of_works(const std::string& work,
                                                 const std::string& other_work,
                                                 const std::string& contender) const {
  std::vector<double> ratios;
  const series* found = all_.find(work, contender);
  if (found == nullptr) return std::nullopt;
  for (const auto& [round, one] : found->by_round) {
    const auto base = time_in(other_work, contender, round, harness::included);
    if (base) ratios.push_back(one.ns / *base);
  }
  return spread_of(ratios);
}

bool comparison::returns_memory(const work& row, const std::string& contender) const {
  const auto returned = counter(row.key, contender, "returned_bytes");
  return returned && returned->median >= row.returnable_bytes - retention_floor_bytes;
}

std::string comparison::fastest(const work& row,
                                const std::function<bool(const contender&)>& counts) const {
  std::string best;
  double best_ns = 0;
  for (const contender& each : contenders()) {
    const auto time = time_ns(row.key, each.key);
    if (each.is_ours || !time || !counts(each)) continue;
    if (best.empty() || time->median < best_ns) {
      best = each.key;
      best_ns = time->median;
    }
  }
  return best;
}

std::string comparison::fastest_peer(const work& row) const {
  return fastest(row, [](const contender&) { return true; });
}

std::string comparison::fastest_malloc(const work& row) const {
  return fastest(row, [](const contender& each) { return !each.is_heap; });
}

std::string comparison::fastest_heap(const work& row) const {
  return fastest(row, [](const contender& each) { return each.is_heap; });
}

std::string comparison::fastest_checked_malloc(const work& row) const {
  return fastest(row, [](const contender& each) { return each.is_checked && !each.is_ours; });
}

std::string comparison::fastest_returning_peer(const work& row) const {
  return fastest(row, [&](const contender& each) { return returns_memory(row, each.key); });
}

}  // namespace report
