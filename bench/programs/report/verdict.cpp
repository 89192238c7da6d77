#include "report/verdict.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "report/summary.hpp"

namespace demo {
namespace {

constexpr double least_allowance_mib = 4;

struct goal {
  double memory_fraction;
  double peak_fraction;
  double throughput_ratio;
};
constexpr goal present_goal = {0.15, 0.10, 0.95};
constexpr goal next_goal = {0.08, 0.05, 0.98};

template <class... Values>
std::string text(const char* pattern, Values... values) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, pattern, values...);
  return buffer;
}

const char* met(bool is_met) { return is_met ? "met" : "NOT MET"; }

struct judged_program {
  const results& all;
  const std::string& program;
  const std::vector<std::string>& allocators;
  summary ours;
};

void add(verdict& judgement, bool is_met, const std::string& finding) {
  judgement.is_met = judgement.is_met && is_met;
  judgement.findings.push_back(finding);
}

void judge_memory(verdict& judgement, const judged_program& one) {
  const double growth_mib = one.ours.peak_mib - one.ours.before_mib;
  const auto allowed = [&](const goal& aim) {
    return std::max(least_allowance_mib, aim.memory_fraction * growth_mib);
  };
  const double above_mib = one.ours.above_use_mib;
  add(judgement, above_mib <= allowed(present_goal),
      text("memory after 1 s %.1f MiB above the %.1f in use, allowed %.1f: %s (%.1f: %s)",
           above_mib, one.ours.in_use_mib, allowed(present_goal),
           met(above_mib <= allowed(present_goal)), allowed(next_goal),
           met(above_mib <= allowed(next_goal))));
}

/// jemalloc's background thread stands in where jemalloc alone did not run.
std::optional<double> reference_peak_mib(const judged_program& one) {
  std::optional<double> smallest;
  auto jemalloc = summarise(one.all, one.program, "jemalloc");
  if (!jemalloc) jemalloc = summarise(one.all, one.program, "jemalloc-bg");
  for (const auto& other : {summarise(one.all, one.program, "glibc"), jemalloc}) {
    if (other) smallest = std::min(smallest.value_or(other->peak_mib), other->peak_mib);
  }
  return smallest;
}

void judge_peak(verdict& judgement, const judged_program& one) {
  const auto reference_mib = reference_peak_mib(one);
  if (!reference_mib) return;
  const auto allowed = [&](const goal& aim) {
    return *reference_mib + std::max(least_allowance_mib, aim.peak_fraction * *reference_mib);
  };
  const double peak_mib = one.ours.peak_mib;
  add(judgement, peak_mib <= allowed(present_goal),
      text("peak %.1f MiB, allowed %.1f: %s (%.1f: %s)", peak_mib, allowed(present_goal),
           met(peak_mib <= allowed(present_goal)), allowed(next_goal),
           met(peak_mib <= allowed(next_goal))));
}

void judge_throughput(verdict& judgement, const judged_program& one) {
  for (const char* reference : {"glibc", "jemalloc-bg"}) {
    const auto ratio = throughput_ratio(one.all, one.program, "connarena", reference);
    if (!ratio) continue;
    add(judgement, ratio->median >= present_goal.throughput_ratio,
        text("throughput %.3f of %s's (%.3f-%.3f), at least %.2f: %s (%.2f: %s)", ratio->median,
             reference, ratio->least, ratio->most, present_goal.throughput_ratio,
             met(ratio->median >= present_goal.throughput_ratio), next_goal.throughput_ratio,
             met(ratio->median >= next_goal.throughput_ratio)));
  }
}

/// A peer is faster if it was in every pair: one pair alone may be chance.
void judge_both(verdict& judgement, const judged_program& one) {
  std::string better;
  for (const std::string& peer : one.allocators) {
    const auto other = summarise(one.all, one.program, peer);
    const auto ratio = throughput_ratio(one.all, one.program, "connarena", peer);
    if (peer == "connarena" || !other || !ratio) continue;
    if (ratio->most < 1 && other->peak_mib < one.ours.peak_mib) {
      better += text(" %s (%.3f of its throughput, peak %.1f to its %.1f)", peer.c_str(),
                     ratio->median, one.ours.peak_mib, other->peak_mib);
    }
  }
  add(judgement, better.empty(),
      better.empty() ? "no peer better in throughput and peak together: met"
                     : "better in throughput and peak together: NOT MET:" + better);
}

}  // namespace

verdict judge(const results& all, const std::string& program,
              const std::vector<std::string>& allocators) {
  verdict judgement;
  const auto ours = summarise(all, program, "connarena");
  if (!ours) return {false, {"connarena did not get through a round: NOT MET"}};
  const judged_program one{all, program, allocators, *ours};
  judge_memory(judgement, one);
  judge_peak(judgement, one);
  judge_throughput(judgement, one);
  judge_both(judgement, one);
  return judgement;
}

}  // namespace demo
