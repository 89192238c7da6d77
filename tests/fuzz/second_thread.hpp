// second_thread.hpp - a thread that does what it is told, one thing at a time
// while the first one waits: the order of operations is the same in every run.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace fuzz {

class second_thread {
 public:
  second_thread() = default;
  second_thread(const second_thread&) = delete;
  second_thread& operator=(const second_thread&) = delete;
  ~second_thread() { end(); }

  /// Does something on the thread, which starts if there is none.
  void run(const std::function<void()>& task) {
    if (!thread_.joinable()) thread_ = std::thread([this] { serve(); });
    std::unique_lock<std::mutex> hold(mutex_);
    task_ = &task;
    changed_.notify_all();
    changed_.wait(hold, [this] { return task_ == nullptr; });
  }

  /// Ends the thread, if there is one.
  void end() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard<std::mutex> hold(mutex_);
      task_ = &last_task;
      changed_.notify_all();
    }
    thread_.join();
    task_ = nullptr;
  }

 private:
  inline static const std::function<void()> last_task;

  void serve() {
    std::unique_lock<std::mutex> hold(mutex_);
    for (;;) {
      changed_.wait(hold, [this] { return task_ != nullptr; });
      if (task_ == &last_task) return;
      (*task_)();
      task_ = nullptr;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* task_ = nullptr;
  std::thread thread_;
};

}  // namespace fuzz
