// verdict.hpp - whether connarena meets its goal on a program, with the numbers.
#pragma once

#include <string>
#include <vector>

#include "report/results.hpp"

namespace demo {

struct verdict {
  bool is_met = true;
  std::vector<std::string> findings;  ///< one a criterion
};

/// The goal, of which the stricter figures, in brackets in the findings, are the next:
/// - 1 s after the close at most 15% (8%) of peak - before, or 4 MiB, above what is in use;
/// - the peak at most 10% (5%), or 4 MiB, above the smaller of glibc's and jemalloc's;
/// - throughput at least 0.95 (0.98) of glibc's and of jemalloc's with its
///   background thread, by the median of the pairs;
/// - no peer better in throughput and in peak together, in every round.
/// Pre: connarena ran on that program.
[[nodiscard]] verdict judge(const results& all, const std::string& program,
                            const std::vector<std::string>& allocators);

}  // namespace demo
