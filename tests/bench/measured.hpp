// measured.hpp - trials as the demo would have measured them.
#pragma once

#include <string>
#include <vector>

#include "report/results.hpp"

namespace measured {

inline constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

struct memory_mib {
  std::uint64_t before = 10;
  std::uint64_t peak = 110;
  std::uint64_t after_1s = 12;
};

/// A round for each throughput.
inline void add(demo::results& all, const std::string& allocator,
                const std::vector<double>& throughputs, memory_mib memory = {}) {
  int round = 0;
  for (const double throughput : throughputs) {
    demo::trial_result one;
    one.program = "redis";
    one.allocator = allocator;
    one.round = ++round;
    one.outcome.operations = throughput;
    one.outcome.seconds = 1;
    one.before_bytes = memory.before * mebibyte;
    one.peak_bytes = memory.peak * mebibyte;
    one.after_1s_bytes = memory.after_1s * mebibyte;
    all.trials.push_back(one);
  }
}

}  // namespace measured
