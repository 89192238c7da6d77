#include "schedule.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <deque>
#include <future>
#include <map>
#include <memory>

#include "process/own_folder.hpp"
#include "process/sampler.hpp"
#include "steps.hpp"
#include "trial.hpp"

namespace demo {
namespace {

constexpr double idle_seconds = 15;

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

using idle_trials = std::deque<std::future<trial_result>>;

void add(trial_result one, results& all) {
  if (!one.failure.empty()) {
    show_failure(one.program + " under " + one.allocator + ": " + one.failure);
  }
  all.trials.push_back(std::move(one));
}

void take(idle_trials& idle, results& all) {
  add(idle.front().get(), all);
  idle.pop_front();
}

void run(const step& now, sampler& samples, idle_trials& idle) {
  auto one = std::make_unique<trial>(*now.what, *now.allocator, now.round, &samples);
  one->run();
  idle.push_back(
      std::async(std::launch::async, [moved = std::move(one)] { return moved->finish(); }));
}

/// Nothing runs beside it.
void run_briefly(const step& now, idle_trials& idle, results& all) {
  while (!idle.empty()) take(idle, all);
  trial one(*now.what, *now.allocator, now.round, nullptr);
  one.run();
  add(one.finish(), all);
}

bool is_over(const std::future<trial_result>& each) {
  return each.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

}  // namespace

results run_all(const options& wanted, results measured,
                const std::function<void(const results&)>& keep) {
  const allocator_choice glibc = all_allocators(wanted.build_tree).front();
  const std::vector<step> steps = steps_of(wanted, glibc, measured);
  results all = std::move(measured);
  sampler samples;
  estimate times;
  idle_trials idle;
  for (std::size_t at = 0; at < steps.size(); ++at) {
    show_progress(steps, at, wanted.judged_rounds, times);
    const step& now = steps[at];
    const auto begin = clock::now();
    if (now.is_trimming) {
      trim(now, all);
    } else if (now.is_brief) {
      run_briefly(now, idle, all);
    } else {
      run(now, samples, idle);
    }
    while (!idle.empty() && is_over(idle.front())) take(idle, all);
    keep(all);
    times.learn(*now.what, std::chrono::duration<double>(clock::now() - begin).count());
  }
  while (!idle.empty()) take(idle, all);
  keep(all);
  return all;
}

}  // namespace demo
