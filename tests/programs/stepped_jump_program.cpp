// stepped_jump_program CASE - closes a connection over and over, and jumps out of the call in
// a handler after one instruction of it, after the next one, and so on: at every place that a
// signal can come to. Runs under the preload library.
//
// Exit codes: 0 as it should be, 1 no jump is made after the call, 2 some leave the
// connection's arena, 3 a jump that was to be made was not, 19 the system refused
// something, 20 not preloaded, 21 no such case.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "programs/listener.hpp"
#include "programs/named_case.hpp"
#include "programs/own_figures.hpp"
#include "programs/pair_of_ends.hpp"

namespace {

using programs::connect_pair;
using programs::expect;
using programs::pair_of_ends;

// The processor's flag by which every instruction ends in a SIGTRAP.
constexpr greg_t stepping = 0x100;

sigjmp_buf outside;
volatile long steps = 0;
volatile long jump_after = 0;
volatile int stepped_fd = -1;
volatile long steps_until_closed = 0;

void take_step(int, siginfo_t*, void* context) {
  steps = steps + 1;
  if (stepped_fd >= 0 && fcntl(stepped_fd, F_GETFD) < 0) {
    steps_until_closed = steps;
    stepped_fd = -1;
  }
  if (steps != jump_after) return;
  static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &= ~stepping;
  siglongjmp(outside, 1);
}

void begin_steps() { asm volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "cc", "memory"); }
void end_steps() { asm volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "cc", "memory"); }

/// Whether the call was left by a jump.
bool jumps_out(void (*close_it)(int), int fd, long after) {
  steps = 0;
  jump_after = after;
  if (sigsetjmp(outside, 1) != 0) return true;
  begin_steps();
  close_it(fd);
  end_steps();
  return false;
}

/// With an arena: a buffer of a page and more is the connection's.
pair_of_ends connect_in_use() {
  const pair_of_ends ends = connect_pair();
  void* const buffer = malloc(20000);
  expect(write(ends[0], buffer, 20000) == 20000);
  free(buffer);
  return ends;
}

/// Its other end has taken all that it has room for, and close waits for the rest.
pair_of_ends connect_lingering() {
  programs::listener at;
  const int link = at.reach();
  expect(link >= 0 && fcntl(link, F_SETFL, O_NONBLOCK) == 0);
  const pair_of_ends ends{link, accept(at.fd(), nullptr, nullptr)};
  expect(ends[1] >= 0 && close(at.fd()) == 0);
  static char bytes[65536];
  while (write(ends[0], bytes, sizeof bytes) > 0) {
  }
  const linger lasting{1, 100};
  expect(setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &lasting, sizeof lasting) == 0);
  return ends;
}

void close_it(int fd) { close(fd); }
void close_by_number(int fd) { syscall(SYS_close, fd); }

/// Both are closed, whether or not the first one was.
bool close_rest(const pair_of_ends& ends) {
  const bool was_open = fcntl(ends[0], F_GETFD) >= 0;
  if (was_open) {
    const linger none{};
    setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(ends[0]);
  }
  close(ends[1]);
  return was_open;
}

void handle_steps() {
  struct sigaction action {};
  action.sa_sigaction = take_step;
  action.sa_flags = SA_SIGINFO;
  expect(sigaction(SIGTRAP, &action, nullptr) == 0);
}

/// The instructions, counted from the call's first, until the descriptor is closed.
long count_steps_until_closed(void (*close_end)(int)) {
  handle_steps();
  close_end(-1);  // it is bound now
  const pair_of_ends ends = connect_in_use();
  stepped_fd = ends[0];
  jumps_out(close_end, ends[0], 0);
  close(ends[1]);
  return steps_until_closed;
}

/// Of those, where a jump is made only after the call.
struct held_jumps {
  long first = 0;
  long last = 0;
  long count = 0;
};

held_jumps find_held_jumps(void (*close_end)(int)) {
  held_jumps found;
  const long end = count_steps_until_closed(close_end);
  for (long after = 1; after < end; ++after) {
    const pair_of_ends ends = connect_in_use();
    if (!jumps_out(close_end, ends[0], after)) return {};
    if (close_rest(ends)) continue;
    if (found.count++ == 0) found.first = after;
    found.last = after;
  }
  return found;
}

/// Jumps at places that come later.
void jump_after_closing(void (*close_end)(int)) {
  for (long after = steps_until_closed;; after += 97) {
    const pair_of_ends ends = connect_in_use();
    const bool has_jumped = jumps_out(close_end, ends[0], after);
    close_rest(ends);
    if (!has_jumped) return;
  }
}

int holds_jumps(void (*close_end)(int)) {
  const std::size_t arenas_before = programs::arenas();
  const held_jumps held = find_held_jumps(close_end);
  if (steps_until_closed == 0) return 3;
  // A descriptor's word is not taken out in fewer instructions.
  if (held.count < 40) return 1;
  jump_after_closing(close_end);
  poll(nullptr, 0, 0);
  return programs::arenas() <= arenas_before + 1 ? 0 : 2;
}

int jump_out_of_close_leaves_few_descriptors() { return holds_jumps(close_it); }
int jump_out_of_close_by_number_leaves_few_descriptors() { return holds_jumps(close_by_number); }

int jump_out_of_lingering_close_does_not_wait() {
  const held_jumps held = find_held_jumps(close_it);
  if (held.count == 0) return 1;
  for (long after = held.first; after <= held.last; after += 5) {
    const pair_of_ends ends = connect_lingering();
    if (!jumps_out(close_it, ends[0], after)) return 3;
    close_rest(ends);
  }
  return 0;
}

FILE* stream = nullptr;
/// What it still has to write waits for the other end.
int jump_out_of_fclose_does_not_wait() {
  handle_steps();
  fclose(stdin);  // it is bound now
  for (long after = 1; after < 300; after += 5) {
    const pair_of_ends ends = connect_lingering();
    expect(fcntl(ends[0], F_SETFL, 0) == 0);
    stream = fdopen(ends[0], "w");
    expect(stream != nullptr && fputs("more", stream) >= 0);
    const bool has_jumped = jumps_out([](int) { fclose(stream); }, ends[0], after);
    if (!has_jumped) return 3;
    close_rest(ends);
  }
  return 0;
}

#define CASE(name) \
  { #name, name }
constexpr programs::named_case cases[] = {
    CASE(jump_out_of_close_leaves_few_descriptors),
    CASE(jump_out_of_close_by_number_leaves_few_descriptors),
    CASE(jump_out_of_lingering_close_does_not_wait),
    CASE(jump_out_of_fclose_does_not_wait),
};
#undef CASE

}  // namespace

int main(int count, char** words) {
  if (connarena_of_fd == nullptr) return programs::not_preloaded;
  return programs::run_named(cases, count, words);
}
