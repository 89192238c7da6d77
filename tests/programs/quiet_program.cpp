// quiet_program CASE FILE - makes what stays live, says "ready" on standard output, waits
// until the file is there, works as such programs do, says "quiet", and then calls nothing
// of the allocator, and none of the C library's waits, for longer than any test.
//
//   threads        linked to the library: connections in threads with futexes of their own
//   one_thread     linked to the library: connections, and connarena_idle() at the end
//   no_connection  under the preload library: threads with blocks of all sizes
//
// Exit codes: 9 the wait ended, 19 the system refuses what it needs, 21 no such case.
#include <connarena/connarena.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/deadline.hpp"
#include "programs/named_case.hpp"
#include "programs/pair_of_ends.hpp"

namespace {

using programs::expect;

constexpr unsigned workers = 4;

void say(std::string_view words) {
  expect(::write(STDOUT_FILENO, words.data(), words.size()) == static_cast<ssize_t>(words.size()));
}

const char* awaited_file = nullptr;

void get_ready() {
  say("ready\n");
  expect(harness::wait_until([] { return ::access(awaited_file, F_OK) == 0; }));
}

/// As a program does that has a lock of its own: no library sees it.
void wait_in_a_futex() {
  static std::atomic<int> never{0};
  for (;;) ::syscall(SYS_futex, &never, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
}

// A compiler may leave out blocks that nobody uses.
void* (*volatile make)(std::size_t) = std::malloc;

void* filled(void* block, std::size_t size_bytes) {
  expect(block != nullptr);
  return std::memset(block, 'b', size_bytes);
}

/// 16 B to 256 KiB, as many of 64 to 128 B as of 128 to 256 KiB.
class random_sizes {
 public:
  explicit random_sizes(unsigned seed) : bits_(seed) {}
  std::size_t next() {
    const std::size_t least = std::size_t{16} << bits_() % 14;
    return least + bits_() % least;
  }
  std::size_t below(std::size_t count) { return bits_() % count; }

 private:
  std::minstd_rand bits_;
};

// --- what they do

/// A connection of some blocks; what it has at its close is freed.
class connection {
 public:
  explicit connection(random_sizes& sizes) : arena_(connarena_create(nullptr)) {
    for (void*& block : blocks_) {
      const std::size_t size_bytes = sizes.next();
      block = filled(connarena_malloc(arena_, size_bytes), size_bytes);
    }
  }
  void close() {
    for (void* const block : blocks_) connarena_free(block);
    connarena_close(arena_);
  }

 private:
  connarena_t arena_;
  std::array<void*, 20> blocks_{};
};

/// All of a burst are open at once.
void serve_bursts(unsigned seed) {
  constexpr int bursts = 3;
  constexpr int connections = 128;
  random_sizes sizes(seed);
  for (int i = 0; i < bursts; ++i) {
    std::vector<connection> open;
    open.reserve(connections);
    while (open.size() < connections) open.emplace_back(sizes);
    for (connection& each : open) each.close();
  }
}

void replace_blocks(unsigned seed) {
  constexpr int replacements = 20'000;
  random_sizes sizes(seed);
  std::array<void*, 2048> blocks{};
  for (int i = 0; i < replacements; ++i) {
    void*& place = blocks[sizes.below(blocks.size())];
    std::free(place);
    const std::size_t size_bytes = sizes.next();
    place = filled(make(size_bytes), size_bytes);
  }
  for (void* const block : blocks) std::free(block);
}

// --- the cases

int work_in_threads(void (*work)(unsigned seed)) {
  std::atomic<unsigned> at_work{workers};
  std::vector<std::thread> threads;
  get_ready();
  for (unsigned i = 0; i < workers; ++i) {
    threads.emplace_back([&, i] {
      work(i + 1);
      if (--at_work == 0) say("quiet\n");
      wait_in_a_futex();
    });
  }
  wait_in_a_futex();
  return 9;
}

/// What stays live, of which a 32nd may stay idle: 64 blocks of 64 KiB.
template <typename Make>
void make_what_stays(Make block_of) {
  constexpr std::size_t size_bytes = 64 * 1024;
  for (int i = 0; i < 64; ++i) filled(block_of(size_bytes), size_bytes);
}

void make_connection_that_stays() {
  const connarena_t stays = connarena_create(nullptr);
  make_what_stays([=](std::size_t size_bytes) { return connarena_malloc(stays, size_bytes); });
}

int threads() {
  make_connection_that_stays();
  return work_in_threads(serve_bursts);
}

int one_thread() {
  make_connection_that_stays();
  get_ready();
  for (unsigned seed = 1; seed <= workers; ++seed) serve_bursts(seed);
  for (int next_ms = 0; next_ms >= 0; next_ms = connarena_idle()) ::poll(nullptr, 0, next_ms);
  say("quiet\n");
  wait_in_a_futex();
  return 9;
}

int no_connection() {
  make_what_stays([](std::size_t size_bytes) { return make(size_bytes); });
  return work_in_threads(replace_blocks);
}

constexpr programs::named_case cases[] = {
    {"threads", threads},
    {"one_thread", one_thread},
    {"no_connection", no_connection},
};

}  // namespace

int main(int count, char** words) {
  if (count != 3) return programs::no_such_case;
  awaited_file = words[2];
  return programs::run_named(cases, 2, words);
}
