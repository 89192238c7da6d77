// hand.hpp - a thread that does what it is given, and stays: it owns what it worked in, where
// the process knows lanes that stay.
#pragma once

#include <connarena/connarena.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <thread>

namespace fake_os {

class hand {
 public:
  hand() : thread_([this] { work(); }) {
    does([] { connarena_free(connarena_malloc(own(), 1)); });
  }
  hand(const hand&) = delete;
  hand& operator=(const hand&) = delete;
  ~hand() {
    task_.set_value(nullptr);
    thread_.join();
  }

  void does(const std::function<void()>& what) {
    done_ = {};
    task_.set_value(&what);
    done_.get_future().wait();
  }

 private:
  static connarena_t own() {
    static const connarena_t arena = connarena_create(nullptr);
    return arena;
  }
  void work() {
    for (;;) {
      const std::function<void()>* const what = task_.get_future().get();
      if (what == nullptr) return;
      task_ = {};
      (*what)();
      done_.set_value();
    }
  }

  std::promise<const std::function<void()>*> task_;
  std::promise<void> done_;
  std::thread thread_;
};

/// Lanes that stay with their threads, until the process knows no others.
inline void let_lanes_stay() {
  constexpr int enough = 10000;
  for (int i = 0; i < enough; ++i) {
    const connarena_t arena = connarena_create(nullptr);
    connarena_malloc(arena, 100);
    connarena_destroy(arena);
  }
}

/// Each test begins, and ends, with a process whose lanes stay.
class lanes_that_stay : public ::testing::Test {
 protected:
  void SetUp() override { let_lanes_stay(); }
  void TearDown() override { let_lanes_stay(); }
};

}  // namespace fake_os
