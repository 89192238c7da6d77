#include "process/sampler.hpp"

#include <algorithm>

#include "process/process_memory.hpp"

namespace demo {
namespace {
constexpr auto sampling_period = std::chrono::milliseconds(100);
}

sampler::sampler() : thread_([this] { work(); }) {}

sampler::~sampler() {
  {
    const std::lock_guard guard(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

void sampler::watch(pid_t process) {
  const std::lock_guard guard(mutex_);
  watched_.push_back({process, {}});
  sample(watched_.back());
}

std::vector<resident_sample> sampler::finish(pid_t process) {
  const std::lock_guard guard(mutex_);
  const auto found = std::find_if(watched_.begin(), watched_.end(),
                                  [&](const watched& entry) { return entry.process == process; });
  if (found == watched_.end()) return {};
  std::vector<resident_sample> samples = std::move(found->samples);
  watched_.erase(found);
  return samples;
}

void sampler::sample(watched& entry) {
  if (const auto bytes = resident_bytes_cheap(entry.process)) {
    entry.samples.push_back({clock::now(), *bytes});
  }
}

void sampler::work() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    for (watched& entry : watched_) sample(entry);
    ended_.wait_for(lock, sampling_period, [this] { return ending_; });
  }
}

}  // namespace demo
