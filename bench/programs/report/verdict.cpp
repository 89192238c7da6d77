#include "report/verdict.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "report/summary.hpp"

namespace demo {
namespace {

constexpr double least_allowance_mib = 4;
constexpr double memory_fraction = 0.08;
constexpr double peak_fraction = 0.05;
constexpr double least_throughput_ratio = 0.98;

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
  judgement.findings.push_back(finding + met(is_met));
}

void add_unjudged(verdict& judgement, const std::string& finding) {
  judgement.is_whole = false;
  judgement.findings.push_back(finding);
}

void judge_memory(verdict& judgement, const judged_program& one) {
  const double growth_mib = one.ours.peak_mib - one.ours.before_mib;
  const double allowed_mib = std::max(least_allowance_mib, memory_fraction * growth_mib);
  add(judgement, one.ours.above_use_mib <= allowed_mib,
      text("memory after 1 s %.1f MiB above the %.1f in use, allowed %.1f: ",
           one.ours.above_use_mib, one.ours.in_use_mib, allowed_mib));
}

/// jemalloc's background thread stands in where jemalloc alone did not run.
std::optional<double> reference_peak_mib(const judged_program& one) {
  const auto glibc = summarise(one.all, one.program, "glibc");
  auto jemalloc = summarise(one.all, one.program, "jemalloc");
  if (!jemalloc) jemalloc = summarise(one.all, one.program, "jemalloc-bg");
  if (!glibc || !jemalloc) return std::nullopt;
  return std::min(glibc->peak_mib, jemalloc->peak_mib);
}

void judge_peak(verdict& judgement, const judged_program& one) {
  const auto reference_mib = reference_peak_mib(one);
  if (!reference_mib) {
    return add_unjudged(
        judgement, text("peak %.1f MiB: not judged without glibc and jemalloc", one.ours.peak_mib));
  }
  const double allowed_mib =
      *reference_mib + std::max(least_allowance_mib, peak_fraction * *reference_mib);
  add(judgement, one.ours.peak_mib <= allowed_mib,
      text("peak %.1f MiB, allowed %.1f: ", one.ours.peak_mib, allowed_mib));
}

void judge_throughput(verdict& judgement, const judged_program& one, const char* reference) {
  const std::string criterion =
      text("throughput at least %.2f of %s's: ", least_throughput_ratio, reference);
  const auto ratio = throughput_ratio(one.all, one.program, "connarena", reference);
  if (!ratio) return add_unjudged(judgement, criterion + "no pair");
  const spread& is = ratio->interval;
  if (ratio->pairs < pairs_needed) {
    return add_unjudged(
        judgement,
        criterion + text("%zu pair%s: too few to tell; median %.3f (%.3f-%.3f)", ratio->pairs,
                         ratio->pairs == 1 ? "" : "s", is.median, is.least, is.most));
  }
  add(judgement, is.least >= least_throughput_ratio,
      criterion + text("%.3f-%.3f at 95%% over %zu pairs, median %.3f: ", is.least, is.most,
                       ratio->pairs, is.median));
}

void judge_both(verdict& judgement, const judged_program& one) {
  std::string better;
  for (const std::string& peer : one.allocators) {
    const auto other = summarise(one.all, one.program, peer);
    const auto ratio = throughput_ratio(one.all, one.program, "connarena", peer);
    if (peer == "connarena" || !other || !ratio) continue;
    if (ratio->interval.most < 1 && other->peak_mib < one.ours.peak_mib) {
      better += text(" %s (%.3f of its throughput, peak %.1f to its %.1f)", peer.c_str(),
                     ratio->interval.median, one.ours.peak_mib, other->peak_mib);
    }
  }
  add(judgement, better.empty(),
      better.empty() ? "no peer better in throughput and peak together: "
                     : "better in throughput and peak together:" + better + ": ");
}

}  // namespace

verdict judge(const results& all, const std::string& program,
              const std::vector<std::string>& allocators) {
  verdict judgement;
  const auto ours = summarise(all, program, "connarena");
  if (!ours) {
    add(judgement, false, "connarena did not get through a round: ");
    return judgement;
  }
  const judged_program one{all, program, allocators, *ours};
  judge_memory(judgement, one);
  judge_peak(judgement, one);
  for (const char* reference : {"glibc", "jemalloc-bg"}) {
    judge_throughput(judgement, one, reference);
  }
  judge_both(judgement, one);
  return judgement;
}

std::string in_words(const verdict& judgement) {
  const std::string so_far = met(judgement.is_met);
  return judgement.is_whole ? so_far : so_far + ", as far as it could be judged";
}

}  // namespace demo
