// verdict.hpp - whether connarena meets its goal on a program, with the numbers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/results.hpp"

namespace demo {

/// With fewer pairs throughput is not judged.
inline constexpr std::size_t pairs_needed = 10;

struct verdict {
  bool is_met = true;                 ///< of the criteria that could be judged
  bool is_whole = true;               ///< every criterion could be
  std::vector<std::string> findings;  ///< one a criterion
};

/// The goal:
/// - 1 s after the close at most 8% of peak - before, or 4 MiB, above what is in use;
/// - the peak at most 5%, or 4 MiB, above the smaller of glibc's and jemalloc's;
/// - throughput at least 0.98 of glibc's and of jemalloc's with its background thread,
///   at the lower end of the 95% interval over at least ten pairs;
/// - no peer better in peak and, by the whole interval of its pairs, in throughput.
/// Pre: connarena ran on that program.
[[nodiscard]] verdict judge(const results& all, const std::string& program,
                            const std::vector<std::string>& allocators);

/// "met" or "NOT MET", and whether that is all.
[[nodiscard]] std::string in_words(const verdict& judgement);

}  // namespace demo
