// fork while other threads allocate and free: the child works.
#include <connarena/arena.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>
#include <vector>

#include "harness/child_process.hpp"
#include "harness/deadline.hpp"
#include "harness/pattern.hpp"

namespace {

constexpr unsigned busy_threads = 3;
constexpr int forks = 200;

std::size_t size_of(unsigned i) { return 16 + i * 131 % 12000; }

/// Threads that work on a shared arena and on their own until told to stop.
class load {
 public:
  explicit load(connarena_t shared) : shared_(shared) {
    for (unsigned i = 0; i < busy_threads; ++i) threads_.emplace_back([this] { work(); });
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load() {
    stop_.store(true);
    for (std::thread& each : threads_) each.join();
  }

 private:
  void work() {
    for (unsigned i = 0; !stop_.load(); ++i) {
      const connarena_t own = connarena_create(nullptr);
      void* first = connarena_malloc(own, size_of(i));
      void* second = connarena_malloc(shared_, size_of(i + 1));
      void* survivor = connarena_malloc(own, 64);
      connarena_free(first);
      connarena_close(own);
      connarena_free(second);
      connarena_free(survivor);
    }
  }

  connarena_t shared_;
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

/// What the child does; its exit code says what failed.
int use_arenas_in_child(connarena_t shared, const std::vector<void*>& inherited) {
  for (unsigned i = 0; i < inherited.size(); ++i) {
    if (!harness::holds_pattern(inherited[i], size_of(i), i)) return 1;
    connarena_free(inherited[i]);
  }
  for (unsigned i = 0; i < 200; ++i) {
    void* block = connarena_malloc(shared, size_of(i));
    if (block == nullptr) return 2;
    harness::write_pattern(block, size_of(i), i);
    if (!harness::holds_pattern(block, size_of(i), i)) return 3;
    connarena_free(block);
  }
  const connarena_t own = connarena_create(nullptr);
  if (own == 0) return 4;
  if (connarena_malloc(own, 100000) == nullptr) return 5;
  if (connarena_destroy(own) != 0) return 6;
  if (connarena_close(shared) != 0) return 7;
  return 0;
}

int exit_code_of(pid_t child) {
  int status = 0;
  const bool ended = harness::wait_until([&] { return waitpid(child, &status, WNOHANG) == child; });
  if (!ended) {
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

TEST(fork, under_load_from_several_threads_gives_a_working_child) {
  const connarena_t shared = connarena_create(nullptr);
  std::vector<void*> inherited;
  for (unsigned i = 0; i < 50; ++i) {
    inherited.push_back(connarena_malloc(shared, size_of(i)));
    harness::write_pattern(inherited[i], size_of(i), i);
  }
  {
    const load background(shared);
    for (int i = 0; i < forks; ++i) {
      const pid_t child = ::fork();
      ASSERT_GE(child, 0);
      if (child == 0) ::_exit(use_arenas_in_child(shared, inherited));
      ASSERT_EQ(exit_code_of(child), 0) << "fork " << i;
    }
  }
  for (unsigned i = 0; i < inherited.size(); ++i) {
    EXPECT_TRUE(harness::holds_pattern(inherited[i], size_of(i), i)) << "changed by a child";
    connarena_free(inherited[i]);
  }
  EXPECT_EQ(connarena_destroy(shared), 0);
}

/// Fills an arena that is large enough to be given pages of every kind the heap has.
int fill_arena_in_child() {
  constexpr unsigned blocks = 3000;
  constexpr std::size_t bytes = 1000;
  const connarena_t arena = connarena_create(nullptr);
  std::vector<void*> filled;
  for (unsigned i = 0; i < blocks; ++i) {
    filled.push_back(connarena_malloc(arena, bytes));
    if (filled.back() == nullptr) return 1;
    harness::write_pattern(filled[i], bytes, i);
  }
  for (unsigned i = 0; i < blocks; ++i) {
    if (!harness::holds_pattern(filled[i], bytes, i)) return 2;
    connarena_free(filled[i]);
  }
  return connarena_close(arena) == 0 ? 0 : 3;
}

// The pages of a closing arena are with their next owners before the last has left.
TEST(fork, while_large_arenas_close_gives_a_child_whole_memory) {
  ASSERT_EQ(connarena_destroy(connarena_create(nullptr)), 0);
  std::atomic<bool> stop{false};
  std::thread closer([&stop] {
    while (!stop.load()) {
      const connarena_t arena = connarena_create(nullptr);
      std::vector<void*> freed;
      std::vector<void*> survivors;
      for (unsigned i = 0; i < 2000; ++i) {
        std::vector<void*>& list = i % 16 == 0 ? survivors : freed;
        list.push_back(connarena_malloc(arena, 1500));
      }
      for (void* each : freed) connarena_free(each);
      connarena_close(arena);
      for (void* each : survivors) connarena_free(each);
    }
  });
  int failed = 0;
  for (int i = 0; i < forks && failed == 0; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(fill_arena_in_child());
    failed = exit_code_of(child);
  }
  stop.store(true);
  closer.join();
  EXPECT_EQ(failed, 0);
}

/// Forks while threads come whose first block is a long run that others have freed.
int fork_while_threads_come() {
  constexpr std::size_t bytes = 200000;
  const connarena_t arena = connarena_create(nullptr);
  std::vector<void*> cached;
  for (unsigned i = 0; i < 8; ++i) cached.push_back(connarena_malloc(arena, bytes));
  for (void* each : cached) connarena_free(each);
  std::atomic<bool> stop{false};
  const auto start = [&] {
    while (!stop.load()) {
      std::thread([&] { connarena_free(connarena_malloc(arena, bytes)); }).join();
    }
  };
  std::thread one(start);
  std::thread two(start);
  int failed = 0;
  for (int i = 0; i < 2000 && failed == 0; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) failed = 1;
  }
  stop.store(true);
  one.join();
  two.join();
  return failed;
}

TEST(fork, while_threads_allocate_for_the_first_time_goes_on) {
  const harness::outcome result = harness::run_forked(fork_while_threads_come);
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

TEST(fork, child_of_a_child_works) {
  const connarena_t shared = connarena_create(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    if (connarena_malloc(shared, 100) == nullptr) ::_exit(10);
    const pid_t grandchild = ::fork();
    if (grandchild == 0) ::_exit(use_arenas_in_child(shared, {}));
    ::_exit(exit_code_of(grandchild) == 0 ? 0 : 11);
  }
  EXPECT_EQ(exit_code_of(child), 0);
  connarena_destroy(shared);
}

constexpr int siblings = 9;

/// What a child that has worked and is idle retains, at most; 0: more for too long.
std::size_t retained_in_idle_child(std::size_t bound) {
  const connarena_t arena = connarena_create(nullptr);
  std::vector<void*> blocks(300);
  for (void*& each : blocks) each = connarena_malloc(arena, 40000);
  for (void* each : blocks) std::memset(each, 1, 40000);
  for (void* each : blocks) connarena_free(each);
  connarena_process_stats now{};
  const auto is_within = [&] {
    static_cast<void>(connarena_idle());
    connarena_get_process_stats(&now);
    return now.retained_bytes <= bound;
  };
  return harness::wait_until(is_within, harness::clock::now() + std::chrono::seconds(5))
             ? now.retained_bytes
             : 0;
}

int fork_siblings() {
  connarena_free(connarena_malloc(connarena_create(nullptr), 100));
  constexpr std::size_t floor = std::size_t{8} << 20;
  for (std::size_t i = 0; i < siblings; ++i) {
    const pid_t child = fork();
    const std::size_t bound = floor / std::min<std::size_t>(i + 1, 8);
    if (child == 0) _exit(retained_in_idle_child(bound) != 0 ? 0 : 1);
    int status = -1;
    waitpid(child, &status, 0);
    if (status != 0) return static_cast<int>(i) + 1;
  }
  return 0;
}

[[noreturn]] void exit_with_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  _exit(static_cast<int>(std::min(usage.ru_minflt, 255l)));
}

/// What is copied as a child begins, each worker of a server has once more: in pages, beyond
/// those of a child that the library does not see.
TEST(fork, copies_few_pages) {
  const connarena_t arena = connarena_create(nullptr);
  connarena_free(connarena_malloc(arena, 20000));
  const auto bare = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  if (bare == 0) exit_with_faults();
  ASSERT_GT(bare, 0);
  const int faults_of_any_child = exit_code_of(bare);
  const pid_t child = fork();
  if (child == 0) exit_with_faults();
  ASSERT_GT(child, 0);
  const int faults = exit_code_of(child);
  ASSERT_GE(faults_of_any_child, 0);
  ASSERT_GE(faults, faults_of_any_child);
  EXPECT_LT(faults - faults_of_any_child, 50);
  connarena_destroy(arena);
}

TEST(fork, of_many_children_leaves_each_a_part_of_the_floor) {
  const harness::outcome result = harness::run_forked(fork_siblings);
  EXPECT_EQ(result.exit_code, 0) << harness::describe(result);
}

}  // namespace
