// summary.hpp - what several rounds of the same trial say together.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "report/results.hpp"
#include "report/spread.hpp"

namespace demo {

/// Medians over the rounds of one program under one allocator; memory in MiB.
struct summary {
  std::string program;
  std::string allocator;
  std::size_t rounds = 0;
  spread throughput;        ///< operations a second
  spread cpu_microseconds;  ///< of the program, an operation
  double page_faults = 0;   ///< likewise
  double before_mib = 0;
  double peak_mib = 0;
  double after_1s_mib = 0;
  std::optional<double> after_15s_mib;  ///< if a trial was not brief
  /// Truly in use: the larger of what was resident before plus what the program
  /// says it holds, and what glibc leaves on the same load after malloc_trim(0).
  double in_use_mib = 0;
  double above_use_mib = 0;  ///< resident after 1 s, beyond what is truly in use
  std::optional<spread> slope_mib_per_minute;
};

/// Empty if no round of it succeeded.
[[nodiscard]] std::optional<summary> summarise(const results& all, const std::string& program,
                                               const std::string& allocator);

/// A ratio of two allocators over the rounds in which both succeeded.
struct paired_ratio {
  std::size_t pairs = 0;
  spread interval;  ///< of the median
};

/// The throughput under one allocator divided by that under another, round by
/// round: each pair ran within a minute or so. Empty if there is no pair.
[[nodiscard]] std::optional<paired_ratio> throughput_ratio(const results& all,
                                                           const std::string& program,
                                                           const std::string& allocator,
                                                           const std::string& reference);

}  // namespace demo
