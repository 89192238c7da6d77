// live_program CASE - a program that does what its case says with connections, says "ready"
// and stays until it is ended; or one that makes memory that is like live figures.
//
// Exit codes: 1 what the case needs was refused, 21 no such case.
#include <fcntl.h>
#include <poll.h>
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "api/process_stat.hpp"
#include "live/segment.hpp"
#include "programs/listener.hpp"
#include "programs/named_case.hpp"
#include "programs/pair_of_ends.hpp"

namespace {

using connarena::live::segment;
using programs::connect_pair;
using programs::expect;

constexpr std::size_t unit_bytes = 100000;

/// Waits without end, as a server that nobody talks to.
[[noreturn]] void stay() {
  for (;;) ::poll(nullptr, 0, -1);
}
[[noreturn]] void stay_ready() {
  std::puts("ready");
  std::fflush(stdout);
  stay();
}

/// What a connection holds: a buffer that its bytes were read into.
char* read_into_buffer(int from, std::size_t bytes) {
  pollfd watched{from, POLLIN, 0};
  expect(::poll(&watched, 1, -1) == 1);
  auto* const buffer = static_cast<char*>(std::malloc(bytes));
  std::memset(buffer, 1, bytes);
  expect(::read(from, buffer, bytes) == 1);
  return buffer;
}

char* hold(int from, int peer, std::size_t bytes) {
  expect(::write(peer, "x", 1) == 1);
  return read_into_buffer(from, bytes);
}

/// Three clients; the second has most.
int holding() {
  programs::listener here;
  for (const std::size_t units : {1U, 3U, 2U}) {
    const int client = here.reach();
    const int server = ::accept(here.fd(), nullptr, nullptr);
    expect(client >= 0 && server >= 0);
    hold(server, client, units * unit_bytes);
  }
  stay_ready();
}

/// The same, and another one has something to do now and then.
int holding_at_work() {
  const auto busy = connect_pair();
  const auto ends = connect_pair();
  hold(ends[0], ends[1], 3 * unit_bytes);
  hold(ends[0], ends[1], unit_bytes);
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    expect(::write(busy[1], "x", 1) == 1);
    char byte = 0;
    pollfd watched{busy[0], POLLIN, 0};
    expect(::poll(&watched, 1, -1) == 1 && ::read(busy[0], &byte, 1) == 1);
    ::poll(nullptr, 0, 10);
  }
}

/// What a connection holds is freed by who serves none.
int freeing_later() {
  const auto ends = connect_pair();
  char* const buffer = hold(ends[0], ends[1], 20 * unit_bytes);
  ::poll(nullptr, 0, 1);
  std::free(buffer);
  stay_ready();
}

/// As far as the process may: 1,024 is usual, and some are open already.
void allow_descriptors(std::size_t count) {
  rlimit files{};
  expect(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, count);
  expect(::setrlimit(RLIMIT_NOFILE, &files) == 0);
}

/// What each of many connections holds in small blocks is freed by two other threads, of which
/// one then waits for events that never come, the other for bytes; and nobody does anything.
int freeing_elsewhere() {
  constexpr std::size_t connections = 480;
  constexpr std::size_t blocks_of_each = 14;
  constexpr std::size_t block_bytes = 1000;
  allow_descriptors(4 * connections);
  std::vector<void*> blocks;
  blocks.reserve(connections * blocks_of_each);
  for (std::size_t i = 0; i < connections; ++i) {
    const auto ends = connect_pair();
    std::free(hold(ends[0], ends[1], block_bytes));
    for (std::size_t j = 0; j < blocks_of_each; ++j) blocks.push_back(std::malloc(block_bytes));
  }
  ::poll(nullptr, 0, 1);
  std::atomic<std::size_t> waiting{0};
  const auto free_from = [&](std::size_t first) {
    for (std::size_t i = first; i < blocks.size(); i += 2) std::free(blocks[i]);
    ++waiting;
  };
  const auto unused = connect_pair();
  std::thread reading([&] {
    free_from(0);
    char byte = 0;
    expect(::read(unused[0], &byte, 1) == 1);
  });
  std::thread([&] {
    free_from(1);
    while (waiting != 2) std::this_thread::yield();
    stay_ready();
  }).join();
  reading.join();
  return 0;
}

int with_idle_ones() {
  for (int i = 0; i < 200; ++i) connect_pair();
  stay_ready();
}

int closing_some() {
  for (int i = 0; i < 5; ++i) {
    const auto ends = connect_pair();
    hold(ends[0], ends[1], unit_bytes);
    if (i >= 2) continue;
    ::close(ends[0]);
    ::close(ends[1]);
  }
  stay_ready();
}

/// The descriptor that connected is closed, a copy of it stays.
int with_a_copy() {
  programs::listener here;
  const int client = here.reach();
  const int server = ::accept(here.fd(), nullptr, nullptr);
  const int copy = ::dup(server);
  ::close(server);
  hold(copy, client, unit_bytes);
  stay_ready();
}

/// Threads that block, each in a read from its own connection.
int with_threads() {
  std::vector<std::thread> threads;
  for (const std::size_t units : {1U, 2U}) {
    const auto ends = connect_pair();
    expect(::write(ends[1], "x", 1) == 1);
    threads.emplace_back([=] {
      auto* const buffer = static_cast<char*>(std::malloc(units * unit_bytes));
      std::memset(buffer, 1, units * unit_bytes);
      while (::read(ends[0], buffer, units * unit_bytes) > 0) {
      }
    });
  }
  std::puts("ready");
  std::fflush(stdout);
  for (std::thread& each : threads) each.join();
  return 0;
}

/// Connections come and go in several threads, and hand their places on.
int with_many_that_pass() {
  constexpr int rounds = 300;
  std::vector<std::thread> threads;
  for (const std::size_t units : {1U, 2U, 3U, 4U}) {
    threads.emplace_back([=] {
      for (int i = 0; i < rounds; ++i) {
        const auto ends = connect_pair();
        std::free(hold(ends[0], ends[1], units * unit_bytes));
        ::close(ends[0]);
        ::close(ends[1]);
      }
    });
  }
  for (std::thread& each : threads) each.join();
  const auto ends = connect_pair();
  hold(ends[0], ends[1], 5 * unit_bytes);
  stay_ready();
}

/// The child has the parent's connection, and puts more there.
int with_a_child() {
  const auto ends = connect_pair();
  hold(ends[0], ends[1], unit_bytes);
  const pid_t child = ::fork();
  if (child != 0) stay();
  hold(ends[0], ends[1], 4 * unit_bytes);
  std::printf("child %d\n", static_cast<int>(::getpid()));
  std::fflush(stdout);
  stay();
}

segment* make_segment(std::size_t bytes) {
  const int number = ::shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);
  void* const memory = ::shmat(number, nullptr, 0);
  expect(reinterpret_cast<std::intptr_t>(memory) != -1);
  ::shmctl(number, IPC_RMID, nullptr);
  return static_cast<segment*>(memory);
}

/// As if it were the process's own.
void sign(segment& made) {
  made.all.start_ticks = connarena::stat_at("/proc/self/stat").start_ticks;
  std::memcpy(made.all.magic, connarena::live::segment_magic, sizeof made.all.magic);
}

int of_another_version() {
  segment* const made = make_segment(sizeof(segment));
  std::memcpy(made->all.magic, "connliv9", sizeof made->all.magic);
  stay_ready();
}

/// Nothing in it is true, and it is shorter than it says.
int that_lies() {
  constexpr std::size_t bytes = offsetof(segment, arenas) + 8 * 4096;
  segment* const made = make_segment(bytes);
  std::memset(static_cast<void*>(made), 0xFF, bytes);
  std::memset(made->all.program, 0x1B, sizeof made->all.program);
  sign(*made);
  stay_ready();
}

int that_is_short() {
  segment* const made = make_segment(1);
  sign(*made);
  made->all.connections_end.store(segment::most_rows);
  stay_ready();
}

int that_is_no_process_s() {
  segment* const made = make_segment(sizeof(segment));
  sign(*made);
  made->all.start_ticks = 0;
  stay_ready();
}

/// As it is where the process that had the number earlier was another user's.
int that_is_a_stranger_s() {
  expect(::seteuid(65534) == 0);
  segment* const made = make_segment(sizeof(segment));
  expect(::seteuid(0) == 0);
  sign(*made);
  stay_ready();
}

constexpr programs::named_case cases[] = {{"holding", holding},
                                          {"holding-at-work", holding_at_work},
                                          {"freeing-later", freeing_later},
                                          {"freeing-elsewhere", freeing_elsewhere},
                                          {"idle-ones", with_idle_ones},
                                          {"closing", closing_some},
                                          {"copy", with_a_copy},
                                          {"threads", with_threads},
                                          {"passing", with_many_that_pass},
                                          {"child", with_a_child},
                                          {"version", of_another_version},
                                          {"lies", that_lies},
                                          {"short", that_is_short},
                                          {"nobody's", that_is_no_process_s},
                                          {"stranger's", that_is_a_stranger_s}};

}  // namespace

int main(int count, char** words) { return programs::run_named(cases, count, words); }
