// interrupted_program CASE - handlers that interrupt malloc, read, write or close, and what
// they may do: nothing of theirs makes the preload library trim, and those that jump leave
// nothing half done. Runs under the preload library.
//
// Exit codes: 0 as it should be, 1 to 9 what the case says, 19 the system refused something,
// 20 not preloaded, 21 no such case. A case that hangs is ended by SIGALRM's default.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <poll.h>
#include <setjmp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "programs/named_case.hpp"
#include "programs/observed_trim.hpp"
#include "programs/own_figures.hpp"
#include "programs/pair_of_ends.hpp"

namespace {

using programs::connect_pair;
using programs::expect;
using programs::pair_of_ends;

// No trim in a handler, which may have interrupted the base allocator.

volatile sig_atomic_t handlers_running = 0;
volatile sig_atomic_t trims_in_handlers = 0;
volatile sig_atomic_t other_trims = 0;

void count_trim() {
  if (handlers_running != 0) {
    trims_in_handlers = trims_in_handlers + 1;
  } else {
    other_trims = other_trims + 1;
  }
}

/// What is async-signal-safe, of all that may trim elsewhere.
void begin_and_end_connections() {
  for (int i = 0; i < 3; ++i) {
    const pair_of_ends ends = connect_pair();
    expect(write(ends[0], "x", 1) == 1);
    for (const int fd : ends) close(fd);
    poll(nullptr, 0, 50);
  }
}

void handle(int) {
  handlers_running = handlers_running + 1;
  begin_and_end_connections();
  handlers_running = handlers_running - 1;
}

int trims_outside_alone() {
  if (trims_in_handlers != 0) return 1;
  begin_and_end_connections();
  for (int i = 0; i < 50 && other_trims == 0; ++i) poll(nullptr, 0, 100);
  return other_trims != 0 ? 0 : 2;
}

void set_handler(int flags, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  expect(sigaction(SIGUSR1, &action, nullptr) == 0);
}

int handler_that_holds_nothing_back_does_not_trim() {
  when_trimming = count_trim;
  const pair_of_ends first = connect_pair();
  set_handler(SA_NODEFER, handle);
  raise(SIGUSR1);
  close(first[0]);
  return trims_outside_alone();
}
int handler_of_a_thread_that_held_everything_back_does_not_trim() {
  when_trimming = count_trim;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  const pair_of_ends first = connect_pair();
  close(first[0]);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  set_handler(0, handle);
  raise(SIGUSR1);
  return trims_outside_alone();
}
int handler_with_the_first_connection_does_not_trim() {
  when_trimming = count_trim;
  set_handler(0, handle);
  raise(SIGUSR1);
  return trims_outside_alone();
}
int handler_on_another_stack_does_not_trim() {
  static std::array<char, 65536> memory;
  const stack_t other{memory.data(), 0, memory.size()};
  expect(sigaltstack(&other, nullptr) == 0);
  when_trimming = count_trim;
  set_handler(SA_ONSTACK | SA_NODEFER, handle);
  raise(SIGUSR1);
  return trims_outside_alone();
}
/// Set by a system call. The C library's function fills in the rest.
int handler_set_by_number_does_not_trim() {
  when_trimming = count_trim;
  set_handler(SA_NODEFER, [](int) {});
  struct {
    void (*handler)(int);
    unsigned long rest[3];
  } action{};
  expect(syscall(SYS_rt_sigaction, SIGUSR1, nullptr, &action, 8) == 0);
  action.handler = handle;
  expect(syscall(SYS_rt_sigaction, SIGUSR1, &action, nullptr, 8) == 0);
  raise(SIGUSR1);
  return trims_outside_alone();
}

sigjmp_buf outside;
/// After a handler was left by a jump none runs: the thread trims where it waits.
int thread_that_jumped_out_of_a_handler_trims() {
  when_trimming = count_trim;
  set_handler(0, [](int) { siglongjmp(outside, 1); });
  if (sigsetjmp(outside, 1) == 0) raise(SIGUSR1);
  const pair_of_ends ends = connect_pair();
  for (const int fd : ends) close(fd);
  for (int i = 0; i < 50 && other_trims == 0; ++i) poll(nullptr, 0, 100);
  return other_trims != 0 ? 0 : 1;
}

// A limit of time by a jump: what it breaks off is done or not, and never half.

constexpr int rounds = 3000;
constexpr int pairs = 8;

volatile sig_atomic_t may_jump = 0;
volatile int jumps = 0;

void jump_out(int) {
  if (may_jump == 0) return;
  may_jump = 0;
  jumps = jumps + 1;
  siglongjmp(outside, 1);
}

void hold_alarms(bool are_held) {
  sigset_t alarms;
  sigemptyset(&alarms);
  sigaddset(&alarms, SIGALRM);
  sigprocmask(are_held ? SIG_BLOCK : SIG_UNBLOCK, &alarms, nullptr);
}

void set_alarm(int round) {
  const itimerval once{{0, 0}, {0, 1 + round % 97}};
  setitimer(ITIMER_REAL, &once, nullptr);
}

/// Descriptors that the program itself has lost go at the end.
void close_all() {
  for (int fd = 3; fd < 1024; ++fd) close(fd);
}

std::size_t arenas_at_wait() {
  poll(nullptr, 0, 0);
  return programs::arenas();
}

/// `work` is what the alarm breaks off. Alarms come nowhere else.
int leaves_nothing_half_done(int flags, void (*work)()) {
  struct sigaction action {};
  action.sa_handler = jump_out;
  action.sa_flags = flags;
  expect(sigaction(SIGALRM, &action, nullptr) == 0);
  hold_alarms(true);
  const std::size_t arenas_before = arenas_at_wait();
  for (int round = 0; round < rounds; ++round) {
    if (sigsetjmp(outside, 1) == 0) {
      may_jump = 1;
      set_alarm(round);
      hold_alarms(false);
      work();
      may_jump = 0;
    }
    hold_alarms(true);
    if (round % 64 == 0) close_all();
  }
  close_all();
  hold_alarms(false);
  signal(SIGALRM, SIG_DFL);
  alarm(20);
  if (jumps < rounds / 20) return 1;
  // Whoever had broken a lock waits for it now.
  for (int i = 0; i < pairs; ++i) {
    const pair_of_ends ends = connect_pair();
    void* const block = malloc(20000);
    expect(write(ends[0], block, 200) == 200);
    free(block);
    for (const int fd : ends) close(fd);
  }
  const std::size_t arenas_after = arenas_at_wait();
  return arenas_after <= arenas_before + 1 ? 0 : 2;
}

std::array<void*, pairs> buffers;

void make_buffers() {
  for (void*& each : buffers) each = malloc(20000);
}

void transfer_and_close() {
  for (void* const buffer : buffers) {
    pair_of_ends ends = connect_pair();
    if (write(ends[0], buffer, 200) == 200) expect(read(ends[1], buffer, 200) == 200);
    const int copy = dup(ends[0]);
    for (const int fd : {ends[0], copy, ends[1]}) close(fd);
  }
}

int jump_out_of_transfers_leaves_nothing_half_done() {
  make_buffers();
  return leaves_nothing_half_done(0, transfer_and_close);
}
int jump_from_another_stack_leaves_nothing_half_done() {
  static std::array<char, 65536> memory;
  const stack_t other{memory.data(), 0, memory.size()};
  expect(sigaltstack(&other, nullptr) == 0);
  make_buffers();
  return leaves_nothing_half_done(SA_ONSTACK | SA_NODEFER, transfer_and_close);
}
/// Blocks of a page and more are the library's: no other allocator is broken off.
int jump_out_of_malloc_leaves_no_lock() {
  return leaves_nothing_half_done(0, [] {
    for (int i = 0; i < 40; ++i) free(malloc(5000 + static_cast<std::size_t>(i) * 3000));
  });
}
/// The jump comes from a handler of a handler, in which a connection is closed.
int jump_out_of_nested_handlers_leaves_nothing_half_done() {
  make_buffers();
  set_handler(0, [](int) { transfer_and_close(); });
  return leaves_nothing_half_done(0, [] {
    raise(SIGUSR1);
    transfer_and_close();
  });
}

#define CASE(name) \
  { #name, name }
constexpr programs::named_case cases[] = {
    CASE(handler_that_holds_nothing_back_does_not_trim),
    CASE(handler_of_a_thread_that_held_everything_back_does_not_trim),
    CASE(handler_with_the_first_connection_does_not_trim),
    CASE(handler_on_another_stack_does_not_trim),
    CASE(handler_set_by_number_does_not_trim),
    CASE(thread_that_jumped_out_of_a_handler_trims),
    CASE(jump_out_of_transfers_leaves_nothing_half_done),
    CASE(jump_from_another_stack_leaves_nothing_half_done),
    CASE(jump_out_of_malloc_leaves_no_lock),
    CASE(jump_out_of_nested_handlers_leaves_nothing_half_done),
};
#undef CASE

}  // namespace

int main(int count, char** words) {
  if (connarena_of_fd == nullptr) return programs::not_preloaded;
  return programs::run_named(cases, count, words);
}
