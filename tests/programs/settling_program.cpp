// settling_program CASE - what a thread leaves to others at a waiting call under a mutex,
// and what it does there. Runs under the preload library.
//
// Exit codes: 0 as it should be, 1 to 9 what the case says, 20 not preloaded,
// 21 no such case.
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <thread>

#include "harness/deadline.hpp"
#include "programs/named_case.hpp"
#include "programs/observed_trim.hpp"
#include "programs/surviving_connection.hpp"

namespace {

using connection = programs::surviving_connection;

thread_local bool holds_mutex = false;
std::atomic<int> trims_under_mutex{0};
std::atomic<int> other_trims{0};

void count_trim() { ++(holds_mutex ? trims_under_mutex : other_trims); }

/// A thread that runs `work`, and then waits in a condition until this ends.
class waiting_thread {
 public:
  template <typename Work>
  explicit waiting_thread(Work work)
      : thread_([this, work] {
          work();
          std::unique_lock held(mutex_);
          is_there_ = holds_mutex = true;
          condition_.wait(held, [this] { return may_end_; });
          holds_mutex = false;
        }) {}
  ~waiting_thread() {
    {
      const std::lock_guard held(mutex_);
      may_end_ = true;
    }
    condition_.notify_one();
    thread_.join();
  }
  waiting_thread(const waiting_thread&) = delete;
  waiting_thread& operator=(const waiting_thread&) = delete;

  /// Returns when it waits; the caller comes to no waiting call meanwhile.
  void meet() {
    for (;;) {
      {
        const std::lock_guard held(mutex_);
        if (is_there_) return;
      }
      std::this_thread::yield();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool is_there_ = false;
  bool may_end_ = false;
  std::thread thread_;
};

int trims_under_no_mutex_while_another_thread_works() {
  when_trimming = count_trim;
  connection link;
  waiting_thread waiting([&] {
    link.serve();
    link.close_end();
  });
  waiting.meet();
  if (trims_under_mutex != 0) return 1;
  if (link.is_draining()) return 2;
  usleep(1);
  return other_trims == 1 ? 0 : 3;
}

std::mutex trim_mutex;
std::condition_variable has_trimmed;
bool is_trimmed = false;

void tell_of_trim() {
  const std::lock_guard held(trim_mutex);
  is_trimmed = true;
  has_trimmed.notify_one();
}

/// 0: the last thread that comes to wait has trimmed.
int trims_when_all_threads_wait_in_conditions() {
  when_trimming = tell_of_trim;
  connection link;
  std::unique_lock held(trim_mutex);
  waiting_thread waiting([&] {
    link.serve();
    link.close_end();
    const std::lock_guard when_main_waits(trim_mutex);
  });
  const bool was_told = has_trimmed.wait_for(held, harness::patience, [] { return is_trimmed; });
  held.unlock();
  return was_told ? 0 : 1;
}

int leaves_what_is_large_to_a_wait_without_a_mutex() {
  constexpr std::size_t large_bytes = std::size_t{8} << 20;
  connection small;
  connection large;
  waiting_thread waiting([&] {
    small.serve();
    large.serve(large_bytes);
    large.close_end();
    small.close_end();
  });
  waiting.meet();
  if (small.is_draining()) return 1;
  if (!large.is_draining()) return 2;
  usleep(1);
  return large.is_draining() ? 3 : 0;
}

/// Both threads wait under a mutex; the one that comes last ends what the first left.
int ends_what_is_large_when_all_threads_wait() {
  constexpr std::size_t large_bytes = std::size_t{8} << 20;
  connection large;
  waiting_thread waiting([&] {
    large.serve(large_bytes);
    large.close_end();
  });
  waiting.meet();
  if (!large.is_draining()) return 1;
  std::mutex mutex;
  std::unique_lock held(mutex);
  std::condition_variable never;
  never.wait_for(held, std::chrono::nanoseconds(1));
  return large.is_draining() ? 2 : 0;
}

void trim_slowly() {
  constexpr std::int64_t ns_a_s = 1'000'000'000;
  const auto used_ns = [] {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return used.tv_sec * ns_a_s + used.tv_nsec;
  };
  const std::int64_t end_ns = used_ns() + 15'000'000;
  while (used_ns() < end_ns) {
  }
  ++other_trims;
}

/// A program that wakes 20 times a second for nothing is quiet for long all the same.
int trims_in_short_waits_after_a_slow_trim() {
  when_trimming = trim_slowly;
  const auto trims_after_a_close = [](int trims) {
    connection link;
    link.serve();
    link.close_end();
    constexpr int wait_ms = 50;
    const harness::time_point deadline = harness::clock::now() + harness::patience;
    while (other_trims < trims && harness::clock::now() < deadline) poll(nullptr, 0, wait_ms);
    return other_trims >= trims;
  };
  if (!trims_after_a_close(1)) return 1;
  return trims_after_a_close(2) ? 0 : 2;
}

constexpr programs::named_case cases[] = {
    {"trims_under_no_mutex_while_another_thread_works",
     trims_under_no_mutex_while_another_thread_works},
    {"trims_in_short_waits_after_a_slow_trim", trims_in_short_waits_after_a_slow_trim},
    {"trims_when_all_threads_wait_in_conditions", trims_when_all_threads_wait_in_conditions},
    {"leaves_what_is_large_to_a_wait_without_a_mutex",
     leaves_what_is_large_to_a_wait_without_a_mutex},
    {"ends_what_is_large_when_all_threads_wait", ends_what_is_large_when_all_threads_wait},
};

}  // namespace

int main(int count, char** words) {
  if (connarena_of_fd == nullptr) return programs::not_preloaded;
  return programs::run_named(cases, count, words);
}
