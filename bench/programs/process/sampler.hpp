// sampler.hpp - resident memory of several processes over time, ten times a second.
//
// One thread serves all watched processes, so that an idle server beside the
// next trial costs a few reads of /proc a second and nothing else.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace demo {

using clock = std::chrono::steady_clock;

struct resident_sample {
  clock::time_point when;
  std::uint64_t resident_bytes;
};

class sampler {
 public:
  sampler();
  ~sampler();
  sampler(const sampler&) = delete;
  sampler& operator=(const sampler&) = delete;

  /// Starts to sample the process.   Threads: any.
  void watch(pid_t process);

  /// Ends sampling and returns what was seen.   Threads: any.
  [[nodiscard]] std::vector<resident_sample> finish(pid_t process);

 private:
  struct watched {
    pid_t process;
    std::vector<resident_sample> samples;
  };

  static void sample(watched& entry);
  void work();

  std::mutex mutex_;  // guards all below
  std::condition_variable ended_;
  bool ending_ = false;
  std::vector<watched> watched_;
  std::thread thread_;
};

}  // namespace demo
