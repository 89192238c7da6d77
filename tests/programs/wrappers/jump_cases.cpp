// jump_cases.cpp - the calls by which a handler leaves the wait that it interrupted: the
// thread then waits no longer, and what closes goes on draining.
#include <poll.h>
#include <setjmp.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

// What _FORTIFY_SOURCE makes of longjmp; no header declares it.
extern "C" [[noreturn]] void __longjmp_chk(__jmp_buf_tag*, int) noexcept;

namespace wrappers {
namespace {

sigjmp_buf before_wait;

/// The handler runs when the wait begins.
void leave_a_wait(void (*handler)(int)) {
  struct sigaction leaving {};
  leaving.sa_handler = handler;
  sigaction(SIGALRM, &leaving, nullptr);
  sigset_t held;
  sigset_t none;
  sigemptyset(&none);
  sigemptyset(&held);
  sigaddset(&held, SIGALRM);
  sigprocmask(SIG_BLOCK, &held, nullptr);
  raise(SIGALRM);
  if (sigsetjmp(before_wait, 1) == 0) sigsuspend(&none);
}

/// Closes a connection in another thread, which then waits, and lets this one wait for
/// nothing meanwhile.
void close_elsewhere(int fd) {
  static std::atomic<bool> is_closed{false};
  std::thread([=] {
    close(fd);
    for (int i = 0; i < 10; ++i) poll(nullptr, 0, 1);
    is_closed = true;
  }).detach();
  while (!is_closed) std::this_thread::yield();
}

bool is_no_wait_after(void (*handler)(int)) {
  const connection link;
  if (!link.is_made() || !link.send_from(link.near())) return false;
  void* const survivor = malloc(run_bytes);
  const connarena_t arena = connarena_of_fd(link.near());
  leave_a_wait(handler);
  close_elsewhere(link.near());
  const bool is_draining = is_open(arena);
  poll(nullptr, 0, 0);
  free(survivor);
  return is_draining && !is_open(arena);
}

// clang-format off
constexpr wrapper_case cases[] = {
    {"longjmp", [] { return is_no_wait_after([](int) { longjmp(before_wait, 1); }); }},
    {"_longjmp", [] { return is_no_wait_after([](int) { _longjmp(before_wait, 1); }); }},
    {"siglongjmp", [] { return is_no_wait_after([](int) { siglongjmp(before_wait, 1); }); }},
    {"__longjmp_chk", [] { return is_no_wait_after([](int) { __longjmp_chk(before_wait, 1); }); }},
};
// clang-format on

}  // namespace

case_list jump_cases() { return cases; }

}  // namespace wrappers
