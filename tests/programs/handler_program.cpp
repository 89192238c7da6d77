// handler_program CASE - what a signal handler may call while its thread is in malloc, or
// in the C API.
// Runs with the preload library and without it.
//
//   close  the handler closes the connection that the thread serves, many times
//   arena  the same while the thread uses an arena of its own, by the C API
//   fork   the same while the thread forks
//   exit   the handler ends the process
//   wait   the handler uses malloc: signals come only where the thread waits
//
// Exit codes: 0 as it should be, 1 arenas were left, 2 no sockets, 3 no timer,
// 21 no such case.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "programs/own_figures.hpp"

namespace {

using programs::arenas;

constexpr int no_such_case = 21;
constexpr int rounds = 1500;
constexpr int fork_rounds = 200;

std::atomic<int> to_close{-1};
std::array<void*, 64> blocks{};

/// Blocks of all sizes come and go, so that every part of malloc is interrupted.
void work() {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    free(blocks[i]);
    const std::size_t size = i % 3 == 0 ? 40 * (i + 1) : 3000 * (i + 1);
    blocks[i] = malloc(size);
    if (blocks[i] != nullptr) memset(blocks[i], 'x', 40);
  }
}

/// An arena whose pages come and go. Without the preload library there is none.
void work_in_an_arena() {
  if (connarena_create == nullptr) return work();
  const connarena_t arena = connarena_create(nullptr);
  std::array<void*, 1000> made{};
  for (void*& each : made) each = connarena_malloc(arena, 900);
  for (void* each : made) connarena_free(each);
  connarena_free(connarena_realloc(arena, connarena_calloc(arena, 1, 100000), 200000));
  connarena_close(arena);
}

bool start_timer(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  const itimerval often{{0, 150}, {0, 150}};
  return sigaction(SIGALRM, &action, nullptr) == 0 && setitimer(ITIMER_REAL, &often, nullptr) == 0;
}

void fork_a_child() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  while (waitpid(child, nullptr, 0) == -1 && errno == EINTR) {
  }
}

int close_in_a_handler(void (*meanwhile)(), int times) {
  const std::size_t arenas_before = arenas();
  if (!start_timer([](int) {
        const int fd = to_close.exchange(-1);
        if (fd >= 0) close(fd);
      })) {
    return 3;
  }
  std::array<int, 2> ends{};
  for (int i = 0; i < times; ++i) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 2;
    if (write(ends[0], "x", 1) != 1) return 2;
    work();
    to_close = ends[0];
    while (to_close >= 0) meanwhile();
    close(ends[1]);
  }
  for (void* each : blocks) free(each);
  poll(nullptr, 0, 0);  // what has closed ends where its thread waits
  return arenas() == arenas_before ? 0 : 1;
}

void block_alarms(bool are_blocked) {
  sigset_t alarms;
  sigemptyset(&alarms);
  sigaddset(&alarms, SIGALRM);
  sigprocmask(are_blocked ? SIG_BLOCK : SIG_UNBLOCK, &alarms, nullptr);
}

/// Survivors of connections, one of which is closed before each wait.
int use_malloc_in_a_handler() {
  constexpr int waits = 4000;
  block_alarms(true);
  if (!start_timer([](int) { work(); })) return 3;
  for (int i = 0; i < waits; ++i) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 2;
    if (write(ends[0], "x", 1) != 1) return 2;
    work();
    close(ends[0]);
    close(ends[1]);
    block_alarms(false);
    poll(nullptr, 0, 0);
    block_alarms(true);
  }
  return 0;
}

int exit_in_a_handler() {
  if (!start_timer([](int) { _exit(0); })) return 3;
  for (;;) work();
}

}  // namespace

int main(int count, char** words) {
  const std::string_view name = count == 2 ? words[1] : "";
  if (name == "close") return close_in_a_handler(work, rounds);
  if (name == "arena") return close_in_a_handler(work_in_an_arena, rounds);
  if (name == "fork") return close_in_a_handler(fork_a_child, fork_rounds);
  if (name == "wait") return use_malloc_in_a_handler();
  if (name == "exit") return exit_in_a_handler();
  return no_such_case;
}
