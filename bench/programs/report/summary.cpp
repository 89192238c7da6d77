#include "report/summary.hpp"

#include <algorithm>
#include <functional>

namespace demo {
namespace {

double mib(std::uint64_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0); }

std::vector<const trial_result*> rounds_of(const results& all, const std::string& program,
                                           const std::string& allocator) {
  std::vector<const trial_result*> rounds;
  for (const trial_result& each : all.trials) {
    const bool is_meant = each.program == program && each.allocator == allocator;
    if (is_meant && each.failure.empty()) rounds.push_back(&each);
  }
  return rounds;
}

double throughput_of(const trial_result& each) {
  return each.outcome.operations / each.outcome.seconds;
}

double in_use_mib(const results& all, const trial_result& each) {
  const auto trimmed = all.after_trim_bytes.find(each.program);
  const std::uint64_t after_trim = trimmed == all.after_trim_bytes.end() ? 0 : trimmed->second;
  return mib(std::max(each.before_bytes + each.held_bytes, after_trim));
}

std::optional<double> median_after_15s_mib(const std::vector<const trial_result*>& rounds) {
  std::vector<double> values;
  for (const trial_result* each : rounds) {
    if (each->after_15s_bytes) values.push_back(mib(*each->after_15s_bytes));
  }
  if (values.empty()) return std::nullopt;
  return range_of(values).median;
}

}  // namespace

std::optional<summary> summarise(const results& all, const std::string& program,
                                 const std::string& allocator) {
  const std::vector<const trial_result*> rounds = rounds_of(all, program, allocator);
  if (rounds.empty()) return std::nullopt;
  const auto over_rounds = [&](const std::function<double(const trial_result&)>& figure) {
    std::vector<double> values;
    for (const trial_result* each : rounds) values.push_back(figure(*each));
    return range_of(values);
  };
  summary sum;
  sum.program = program;
  sum.allocator = allocator;
  sum.rounds = rounds.size();
  sum.throughput = over_rounds(throughput_of);
  sum.cpu_microseconds = over_rounds(
      [](const trial_result& each) { return each.cpu_seconds / each.outcome.operations * 1e6; });
  sum.page_faults = over_rounds([](const trial_result& each) {
                      return static_cast<double>(each.page_faults) / each.outcome.operations;
                    }).median;
  sum.before_mib = over_rounds([](const auto& each) { return mib(each.before_bytes); }).median;
  sum.peak_mib = over_rounds([](const auto& each) { return mib(each.peak_bytes); }).median;
  sum.after_1s_mib = over_rounds([](const auto& each) { return mib(each.after_1s_bytes); }).median;
  sum.after_15s_mib = median_after_15s_mib(rounds);
  sum.in_use_mib = over_rounds([&](const auto& each) { return in_use_mib(all, each); }).median;
  sum.above_use_mib = over_rounds([&](const auto& each) {
                        return mib(each.after_1s_bytes) - in_use_mib(all, each);
                      }).median;
  if (rounds.front()->outcome.slope_mib_per_minute) {
    sum.slope_mib_per_minute =
        over_rounds([](const auto& each) { return *each.outcome.slope_mib_per_minute; });
  }
  return sum;
}

std::optional<paired_ratio> throughput_ratio(const results& all, const std::string& program,
                                             const std::string& allocator,
                                             const std::string& reference) {
  std::vector<double> ratios;
  for (const trial_result* one : rounds_of(all, program, allocator)) {
    for (const trial_result* other : rounds_of(all, program, reference)) {
      if (one->round == other->round) ratios.push_back(throughput_of(*one) / throughput_of(*other));
    }
  }
  if (ratios.empty()) return std::nullopt;
  return paired_ratio{ratios.size(), median_interval(ratios)};
}

}  // namespace demo
