#include "trial.hpp"

#include <chrono>
#include <fstream>
#include <thread>

#include "process/failure.hpp"
#include "process/process_memory.hpp"

namespace demo {
namespace {

using namespace std::chrono_literals;

constexpr auto settling_time = 400ms;

std::uint64_t resident_now(load& each) {
  const auto bytes = resident_bytes(each.process());
  if (!bytes) throw failure("has ended: " + each.last_words());
  return *bytes;
}

}  // namespace

trial::trial(const program& what, const allocator_choice& allocator, int round, sampler* samples)
    : program_(what), allocator_(allocator), sampler_(samples) {
  result_.program = what.name;
  result_.allocator = allocator.name;
  result_.round = round;
}

void trial::run() try {
  load_ = program_.make_load();
  load_->start(environment_for(allocator_, program_.brings_own_malloc));
  std::this_thread::sleep_for(settling_time);
  result_.before_bytes = resident_now(*load_);
  if (sampler_ != nullptr) sampler_->watch(load_->process());
  measure_load();
  load_->close_connections();
  closed_at_ = clock::now();
  std::this_thread::sleep_until(closed_at_ + 1s);
  result_.after_1s_bytes = resident_now(*load_);
  result_.peak_bytes = peak_resident_bytes(load_->process()).value_or(0);
} catch (const std::exception& error) {
  result_.failure = error.what();
  if (load_) result_.failure += " (" + load_->last_words() + ")";
}

void trial::measure_load() {
  const double cpu_before = cpu_seconds(load_->process()).value_or(0);
  const std::uint64_t faults_before = page_faults(load_->process()).value_or(0);
  result_.outcome = load_->work();
  result_.cpu_seconds = cpu_seconds(load_->process()).value_or(0) - cpu_before;
  result_.page_faults = page_faults(load_->process()).value_or(0) - faults_before;
}

void trial::measure_idle() {
  std::this_thread::sleep_until(closed_at_ + 15s);
  result_.after_15s_bytes = resident_now(*load_);
  for (const resident_sample& each : sampler_->finish(load_->process())) {
    const std::chrono::duration<double> since_close = each.when - closed_at_;
    result_.curve.push_back(
        {since_close.count(), static_cast<double>(each.resident_bytes) / (1024.0 * 1024.0)});
  }
}

trial_result trial::finish() try {
  if (!result_.failure.empty()) {
    load_.reset();
    return result_;
  }
  if (sampler_ != nullptr) measure_idle();
  result_.held_bytes = load_->held_bytes();
  load_->use_kept_connections();
  load_.reset();
  return result_;
} catch (const std::exception& error) {
  result_.failure = std::string(error.what()) + " (" + load_->last_words() + ")";
  load_.reset();
  return result_;
}

std::uint64_t resident_after_trim(const program& what, const allocator_choice& glibc,
                                  const std::filesystem::path& trim_library) {
  const private_folder folder;
  const std::filesystem::path request = folder.path() / "trim";
  std::vector<std::string> environment =
      environment_for(glibc, what.brings_own_malloc, trim_library.string());
  environment.push_back("CONNARENA_DEMO_TRIM=" + request.string());
  const std::unique_ptr<load> each = what.make_load();
  each->start(environment);
  static_cast<void>(each->work());
  each->close_connections();
  std::this_thread::sleep_for(1s);
  std::ofstream(request).put('\n');
  // The library removes the file once malloc_trim() is back.
  const auto deadline = clock::now() + 10s;
  while (std::filesystem::exists(request)) {
    if (clock::now() > deadline) throw failure("malloc_trim(0) did not return within 10 s");
    std::this_thread::sleep_for(20ms);
  }
  return resident_now(*each);
}

}  // namespace demo
