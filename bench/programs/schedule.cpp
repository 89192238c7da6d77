#include "schedule.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <future>
#include <map>
#include <memory>

#include "process/own_folder.hpp"
#include "process/sampler.hpp"
#include "trial.hpp"

namespace demo {
namespace {

constexpr double idle_seconds = 15;

/// A trial, or the extra one under glibc that ends with malloc_trim(0).
struct step {
  const program* what;
  const allocator_choice* allocator;
  int round;
  bool is_trimming;
};

std::vector<step> steps_of(const options& wanted, const allocator_choice& glibc) {
  std::vector<step> steps;
  for (int round = 1; round <= wanted.rounds; ++round) {
    for (const program& what : wanted.programs) {
      if (round == 1) steps.push_back({&what, &glibc, round, true});
      const std::size_t count = wanted.allocators.size();
      for (std::size_t at = 0; at < count; ++at) {
        const std::size_t turned = (at + static_cast<std::size_t>(round) - 1) % count;
        steps.push_back({&what, &wanted.allocators[turned], round, false});
      }
    }
  }
  return steps;
}

class estimate {
 public:
  void learn(const program& what, double seconds) {
    known& entry = known_[what.name];
    entry.total_seconds += seconds;
    ++entry.count;
  }

  [[nodiscard]] double seconds_for(const program& what) const {
    const auto found = known_.find(what.name);
    if (found == known_.end()) return what.typical_seconds;
    return found->second.total_seconds / found->second.count;
  }

 private:
  struct known {
    double total_seconds = 0;
    int count = 0;
  };
  std::map<std::string, known> known_;
};

std::string time_left(const std::vector<step>& steps, std::size_t from, const estimate& times) {
  double seconds = idle_seconds;
  for (std::size_t at = from; at < steps.size(); ++at)
    seconds += times.seconds_for(*steps[at].what);
  if (seconds < 90) return std::to_string(static_cast<int>(seconds)) + " s";
  return std::to_string(static_cast<int>(std::lround(seconds / 60))) + " min";
}

void show_progress(const std::vector<step>& steps, std::size_t at, int rounds,
                   const estimate& times) {
  const step& now = steps[at];
  const std::string how = now.is_trimming ? "glibc, then malloc_trim(0)" : now.allocator->name;
  std::printf("[%3zu/%zu] %s under %s, round %d of %d; about %s left\n", at + 1, steps.size(),
              now.what->name.c_str(), how.c_str(), now.round, rounds,
              time_left(steps, at, times).c_str());
  std::fflush(stdout);
}

void show_failure(const std::string& what) {
  std::printf("FAILED: %s\n", what.c_str());
  std::fflush(stdout);
}

void trim(const step& now, results& all) {
  try {
    all.after_trim_bytes[now.what->name] =
        resident_after_trim(*now.what, *now.allocator, own_folder() / "libtrim_on_request.so");
  } catch (const std::exception& error) {
    all.failures.push_back(now.what->name + " with malloc_trim(0): " + error.what());
    show_failure(all.failures.back());
  }
}

}  // namespace

results run_all(const options& wanted) {
  const allocator_choice glibc = all_allocators(wanted.build_tree).front();
  const std::vector<step> steps = steps_of(wanted, glibc);
  results all;
  sampler samples;
  estimate times;
  std::vector<std::future<trial_result>> idle;
  for (std::size_t at = 0; at < steps.size(); ++at) {
    show_progress(steps, at, wanted.rounds, times);
    const step& now = steps[at];
    const auto begin = clock::now();
    if (now.is_trimming) {
      trim(now, all);
    } else {
      auto one = std::make_unique<trial>(*now.what, *now.allocator, now.round, samples);
      one->run();
      idle.push_back(
          std::async(std::launch::async, [moved = std::move(one)] { return moved->finish(); }));
    }
    times.learn(*now.what, std::chrono::duration<double>(clock::now() - begin).count());
  }
  for (std::future<trial_result>& each : idle) {
    all.trials.push_back(each.get());
    const trial_result& one = all.trials.back();
    if (!one.failure.empty()) {
      show_failure(one.program + " under " + one.allocator + ": " + one.failure);
    }
  }
  return all;
}

}  // namespace demo
