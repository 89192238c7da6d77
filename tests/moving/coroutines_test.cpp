// Coroutines that a few threads resume, each time whichever is free: a connection's frames
// and blocks are in its arena, where another thread than the one that made them frees them.
#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <connarena/scope.hpp>

#include "harness/pattern.hpp"
#include "moving/aftermath.hpp"

namespace {

/// Resumes what has to go on, until as many coroutines have finished as there were to be.
class runtime {
 public:
  explicit runtime(unsigned coroutines) : left_(coroutines) {}

  /// Goes on where whichever thread is free.
  auto hop() {
    struct awaiting {
      runtime& in;
      [[nodiscard]] bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> from) const { in.resume_later(from); }
      void await_resume() const noexcept {}
    };
    return awaiting{*this};
  }
  void resume_later(std::coroutine_handle<> from) {
    const std::lock_guard hold(mutex_);
    ready_.push_back(from);
    changed_.notify_one();
  }
  void note_finished() {
    const std::lock_guard hold(mutex_);
    if (--left_ == 0) changed_.notify_all();
  }

  void run(unsigned threads) {
    std::vector<std::thread> pool;
    for (unsigned i = 0; i < threads; ++i) {
      pool.emplace_back([this] {
        while (const std::coroutine_handle<> next = take()) next.resume();
      });
    }
    for (std::thread& each : pool) each.join();
  }

 private:
  std::coroutine_handle<> take() {
    std::unique_lock hold(mutex_);
    changed_.wait(hold, [this] { return !ready_.empty() || left_ == 0; });
    if (ready_.empty()) return nullptr;
    const std::coroutine_handle<> next = ready_.front();
    ready_.pop_front();
    return next;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::coroutine_handle<>> ready_;
  unsigned left_;
};

/// A coroutine that begins where it is waited for, and is gone with this.
class task {
 public:
  struct promise_type : connarena::frame_in_arena {
    task get_return_object() {
      return task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct going_on {
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(
            std::coroutine_handle<promise_type> ended) const noexcept {
          return ended.promise().waiting;
        }
        void await_resume() const noexcept {}
      };
      return going_on{};
    }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }

    std::coroutine_handle<> waiting = std::noop_coroutine();
  };

  explicit task(std::coroutine_handle<promise_type> own) : own_(own) {}
  task(task&& other) noexcept : own_(std::exchange(other.own_, nullptr)) {}
  task(const task&) = delete;
  task& operator=(const task&) = delete;
  ~task() {
    if (own_) own_.destroy();
  }

  [[nodiscard]] std::coroutine_handle<> handle() const { return own_; }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept {
    own_.promise().waiting = waiting;
    return own_;
  }
  void await_resume() const noexcept {}

 private:
  std::coroutine_handle<promise_type> own_;
};

constexpr int turns = 80;
constexpr std::size_t connection_count = 48;

/// Its arena goes before its last frame does.
class connection {
 public:
  explicit connection(runtime& on) : on_(on), serving_(in_arena([this] { return serve(); })) {
    on.resume_later(serving_.handle());
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Of its blocks.
  [[nodiscard]] int damaged() const { return damaged_; }

 private:
  struct block {
    char* at = nullptr;
    std::size_t bytes = 0;
  };

  template <typename Start>
  task in_arena(Start start) {
    const connarena::scope serving(*arena_);
    return start();
  }

  task serve() {
    for (int turn = 0; turn < turns; ++turn) {
      const std::size_t bytes = turn % 7 == 0 ? 60000 : 40 + static_cast<std::size_t>(turn) * 13;
      co_await in_arena([this, bytes] { return handle(bytes); });
    }
    for (block& each : blocks_) give_back(each);
    arena_.reset();
    on_.note_finished();
  }

  task handle(std::size_t bytes) {
    for (block& each : blocks_) {
      give_back(each);
      co_await in_arena([this, &each, bytes] { return make(each, bytes); });
    }
  }

  task make(block& each, std::size_t bytes) {
    co_await on_.hop();
    each = {static_cast<char*>(arena_->allocate(bytes)), bytes};
    harness::write_pattern(each.at, bytes, bytes);
  }

  void give_back(block& each) {
    if (each.at == nullptr) return;
    if (!harness::holds_pattern(each.at, each.bytes, each.bytes)) ++damaged_;
    arena_->deallocate(each.at, each.bytes);
    each = {};
  }

  runtime& on_;
  connarena::arena_ptr arena_ = connarena::synchronized_arena::open();
  std::array<block, 4> blocks_{};
  int damaged_ = 0;
  const task serving_;
};

class coroutines : public ::testing::TestWithParam<unsigned> {};

TEST_P(coroutines, of_connections_keep_every_block_intact_and_leave_nothing) {
  const moving::aftermath left;
  {
    runtime pool(connection_count);
    std::vector<std::unique_ptr<connection>> connections;
    for (std::size_t i = 0; i < connection_count; ++i) {
      connections.push_back(std::make_unique<connection>(pool));
    }
    pool.run(GetParam());
    for (const auto& each : connections) EXPECT_EQ(each->damaged(), 0);
  }
  EXPECT_TRUE(left.are_arenas_gone());
  EXPECT_TRUE(left.is_nothing_left_alive());
  EXPECT_TRUE(left.is_idle_memory_bounded());
}

INSTANTIATE_TEST_SUITE_P(on, coroutines, ::testing::Values(1u, 2u, 4u, 8u),
                         ::testing::PrintToStringParamName());

}  // namespace
