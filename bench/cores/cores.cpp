// cores.cpp - does the works with some threads: timed, or turn by turn.
// Only cores_traced, compiled to call lines.cpp, can trace.
//
//   cores time THREADS  each work: its number, nanoseconds until each thread has done
//                       one operation; then what one cache line costs that moves
//                       from core to core, and one fence of all threads
//   cores trace WORK OPERATIONS N...
//                       one work with N threads, for each N, in turns of so many
//                       operations: N, and what lines.hpp counts per operation
//   cores moves WORK OPERATIONS N...
//                       the same, after each line that moved: see print_moves
//   cores names         each work's number and name
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <thread>

#include "lines.hpp"
#include "works.hpp"

namespace {

using namespace cores;
using clock_type = std::chrono::steady_clock;

double ns_since(clock_type::time_point start) {
  return std::chrono::duration<double, std::nano>(clock_type::now() - start).count();
}

/// Threads that make their workers one after the other, do what `each` says at the
/// same time, and destroy them when all have.
template <typename Each>
void with_threads(const work& of, std::size_t count, Each each) {
  std::barrier<> together(static_cast<std::ptrdiff_t>(count));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      be_core(i);
      std::unique_ptr<worker> own;
      for (std::size_t turn = 0; turn < count; ++turn) {
        if (turn == i) own = of.make(i, count);
        together.arrive_and_wait();
      }
      each(i, *own);
      together.arrive_and_wait();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

/// From the first thread's start to the last one's end.
class stretch {
 public:
  explicit stretch(std::size_t threads) : starts_(threads), ends_(threads) {}
  void begin(std::size_t thread) { starts_[thread] = clock_type::now(); }
  void end(std::size_t thread) { ends_[thread] = clock_type::now(); }
  [[nodiscard]] double ns() const {
    const auto first = *std::min_element(starts_.begin(), starts_.end());
    const auto last = *std::max_element(ends_.begin(), ends_.end());
    return std::chrono::duration<double, std::nano>(last - first).count();
  }

 private:
  std::vector<clock_type::time_point> starts_;
  std::vector<clock_type::time_point> ends_;
};

/// The least of many stretches so short that often nothing disturbs one.
double time_of(const work& of, std::size_t threads, std::size_t operations) {
  constexpr int stretches = 100;
  double least = 1e18;
  stretch now(threads);
  std::barrier<> together(static_cast<std::ptrdiff_t>(threads));
  with_threads(of, threads, [&](std::size_t index, worker& own) {
    for (int turn = 0; turn < stretches; ++turn) {
      together.arrive_and_wait();
      now.begin(index);
      for (std::size_t i = 0; i < operations; ++i) own.operate();
      now.end(index);
      together.arrive_and_wait();
      if (index == 0) least = std::min(least, now.ns());
    }
  });
  return least / static_cast<double>(operations);
}

/// One way of a cache line that two threads write in turn: the median of many
/// stretches, few of which are disturbed.
double line_ns() {
  constexpr std::uint64_t ways = 200;
  constexpr std::uint64_t stretches = 1'000;
  alignas(64) static std::atomic<std::uint64_t> line;
  line = 0;
  const auto bounce = [](std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t way = from; way < to; way += 2) {
      while (line.load(std::memory_order_acquire) != way) __builtin_ia32_pause();
      line.store(way + 1, std::memory_order_release);
    }
  };
  std::thread other(bounce, 1, ways * stretches);
  std::vector<double> each(stretches);
  for (std::uint64_t turn = 0; turn < stretches; ++turn) {
    const auto start = clock_type::now();
    bounce(turn * ways, (turn + 1) * ways);
    each[turn] = ns_since(start) / ways;
  }
  other.join();
  std::sort(each.begin(), each.end());
  return each[stretches / 2];
}

/// While another thread runs, as an owner would that has to be kept out.
double fence_ns() {
  constexpr int fences = 2'000;
  constexpr int registering = 1 << 4;
  constexpr int private_expedited = 1 << 3;
  syscall(SYS_membarrier, registering, 0, 0);
  std::atomic<bool> is_over{false};
  std::atomic<std::uint64_t> turns{0};  // the other thread runs while they change
  std::thread other([&] {
    while (!is_over.load(std::memory_order_relaxed)) turns.fetch_add(1, std::memory_order_relaxed);
  });
  std::vector<double> each(fences);
  for (double& one : each) {
    const std::uint64_t seen = turns.load(std::memory_order_relaxed);
    while (turns.load(std::memory_order_relaxed) == seen) __builtin_ia32_pause();
    const auto start = clock_type::now();
    syscall(SYS_membarrier, private_expedited, 0, 0);
    one = ns_since(start);
  }
  is_over = true;
  other.join();
  std::sort(each.begin(), each.end());
  return each[fences / 2];
}

void print_times(std::size_t threads) {
  const std::vector<work>& works = all_works();
  for (std::size_t i = 0; i < works.size(); ++i) {
    constexpr double stretch_ns = 4e5;
    const double guess = time_of(works[i], threads, 1'000);
    const auto operations = static_cast<std::size_t>(stretch_ns / guess);
    std::printf("%zu %.1f\n", i, time_of(works[i], threads, operations));
  }
  if (threads == 2) std::printf("line %.1f\nfence %.0f\n", line_ns(), fence_ns());
}

/// The waiting for a turn is not part of it.
void trace(const work& of, std::size_t threads, std::size_t operations, bool prints_moves) {
  constexpr int warming_operations = 5000;
  constexpr int warming_rounds = 50;
  constexpr int rounds = 400;
  std::deque<sem_t> turns(threads);
  for (std::size_t i = 0; i < threads; ++i) sem_init(&turns[i], 0, i == 0 ? 1 : 0);
  with_threads(of, threads, [&](std::size_t index, worker& own) {
    for (int i = 0; i < warming_operations; ++i) own.operate();
    for (int round = 0; round < warming_rounds + rounds; ++round) {
      sem_wait(&turns[index]);
      if (index == 0 && round == warming_rounds) begin_counting();
      begin_turn(index);
      for (std::size_t i = 0; i < operations; ++i) own.operate();
      end_turn();
      sem_post(&turns[(index + 1) % threads]);
    }
  });
  if (prints_moves) print_moves();
  const line_moves moved = end_counting();
  const auto each = static_cast<double>(operations);
  std::printf("%zu %.4f %.4f %.4f\n", threads, moved.all / each, moved.common / each,
              moved.fences / each);
}

}  // namespace

int main(int count, char** arguments) {
  const char* const what = count > 1 ? arguments[1] : "";
  std::vector<std::size_t> numbers;
  for (int i = 2; i < count; ++i) numbers.push_back(std::strtoul(arguments[i], nullptr, 10));
  if (std::strcmp(what, "time") == 0 && numbers.size() == 1) {
    print_times(numbers[0]);
  } else if ((std::strcmp(what, "trace") == 0 || std::strcmp(what, "moves") == 0) &&
             numbers.size() > 2 && numbers[0] < all_works().size()) {
    for (std::size_t i = 2; i < numbers.size(); ++i) {
      if (numbers[i] == 0 || numbers[i] > most_threads) return 2;
      trace(all_works()[numbers[0]], numbers[i], numbers[1], std::strcmp(what, "moves") == 0);
    }
  } else if (std::strcmp(what, "names") == 0) {
    for (std::size_t i = 0; i < all_works().size(); ++i) {
      std::printf("%zu %s\n", i, all_works()[i].name);
    }
  } else {
    return 2;
  }
  return 0;
}
