#include "report/gains.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "report/summary.hpp"

namespace demo {
namespace {

template <class... Values>
std::string text(const char* pattern, Values... values) {
  char buffer[200];
  std::snprintf(buffer, sizeof buffer, pattern, values...);
  return buffer;
}

/// Beyond what is in use. The kernel's figures may be a little below it.
double kept_mib(const summary& sum) { return std::max(0.0, sum.above_use_mib); }

/// Until all but a twentieth of what had gone after 1 s had gone, in full tenths.
double seconds_to_return(const results& all, const summary& sum) {
  constexpr double at_most = 1;
  const double nearly_mib = sum.after_1s_mib + (sum.peak_mib - sum.after_1s_mib) / 20;
  double longest = 0;
  for (const trial_result& each : all.trials) {
    if (each.program != sum.program || each.allocator != sum.allocator) continue;
    const auto there =
        std::find_if(each.curve.begin(), each.curve.end(), [&](const curve_point& point) {
          return point.seconds >= 0 && point.resident_mib <= nearly_mib;
        });
    longest = std::max(longest, there == each.curve.end() ? at_most : there->seconds);
  }
  return std::clamp(std::ceil(longest * 10) / 10, 0.1, at_most);
}

std::string kept_by_others(const results& all, const std::string& program,
                           const std::vector<std::string>& allocators) {
  std::string others;
  for (const std::string& name : allocators) {
    if (name == "connarena") continue;
    if (const auto other = summarise(all, program, name)) {
      others += text("%s%s %.1f", others.empty() ? " (" : ", ", name.c_str(), kept_mib(*other));
    }
  }
  return others.empty() ? others : others + ")";
}

std::string cost_of(const results& all, const summary& ours) {
  const auto ratio = throughput_ratio(all, ours.program, "connarena", "glibc");
  const auto glibc = summarise(all, ours.program, "glibc");
  if (!ratio || !glibc) return text("; %.1f us of CPU an operation", ours.cpu_microseconds.median);
  return text("; at %.2f of glibc's throughput, peak %.1f to its %.1f", ratio->interval.median,
              ours.peak_mib, glibc->peak_mib);
}

}  // namespace

std::vector<gain> gains_of(const results& all, const std::vector<std::string>& programs,
                           const std::vector<std::string>& allocators) {
  std::vector<gain> gains;
  for (const std::string& program : programs) {
    const auto ours = summarise(all, program, "connarena");
    if (!ours) continue;
    const double returned_mib = std::max(0.0, ours->peak_mib - ours->after_1s_mib);
    gains.push_back(
        {program, returned_mib,
         text("%s: %.1f MiB back within %.1f s of the close; kept beyond what is in use: %.1f",
              program.c_str(), returned_mib, seconds_to_return(all, *ours), kept_mib(*ours)) +
             kept_by_others(all, program, allocators) + cost_of(all, *ours)});
  }
  return gains;
}

std::string most_telling(const std::vector<gain>& gains) {
  const auto most = std::max_element(
      gains.begin(), gains.end(),
      [](const gain& one, const gain& other) { return one.returned_mib < other.returned_mib; });
  return most == gains.end() ? "" : most->program;
}

}  // namespace demo
