// signal_cases.cpp - the calls by which a program sets its handlers: the system is told of
// another function, and the program of its own.
#include <unistd.h>

#include <csignal>
#include <cstdint>

#include "programs/bare_call.hpp"
#include "programs/wrappers/wrapper_case.hpp"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

extern "C" {
sighandler_t bsd_signal(int, sighandler_t) noexcept;
sighandler_t __sysv_signal(int, sighandler_t) noexcept;
int __sigaction(int, const struct sigaction*, struct sigaction*) noexcept;
}

namespace wrappers {
namespace {

volatile sig_atomic_t calls = 0;
void count_call(int) { calls = calls + 1; }
void do_nothing(int) {}

/// What the system has for a signal.
std::uintptr_t told_handler(int signal) {
  struct {
    std::uintptr_t handler;
    unsigned long rest[3];
  } action{};
  long result = SYS_rt_sigaction;
  register long size asm("r10") = 8;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(static_cast<long>(signal)), "S"(0L), "d"(&action), "r"(size)
               : "rcx", "r11", "memory");
  return result == 0 ? action.handler : 0;
}

/// `exchange(handler)` sets a handler for SIGUSR1 and returns the one of before.
template <typename Exchange>
bool stands_in(Exchange exchange) {
  if (exchange(do_nothing) != SIG_DFL || exchange(count_call) != do_nothing) return false;
  const auto told = told_handler(SIGUSR1);
  raise(SIGUSR1);
  if (told == 0 || told == reinterpret_cast<std::uintptr_t>(count_call) || calls != 1) return false;
  exchange(count_call);  // some set it for one call
  return exchange(SIG_IGN) == count_call && told_handler(SIGUSR1) == 1 &&
         exchange(SIG_DFL) == SIG_IGN;
}

template <typename Set>
sighandler_t exchange_by(Set set, sighandler_t handler) {
  struct sigaction action {};
  struct sigaction former {};
  action.sa_handler = handler;
  return set(SIGUSR1, &action, &former) == 0 ? former.sa_handler : SIG_ERR;
}

// clang-format off
constexpr wrapper_case cases[] = {
    {"sigaction", [] { return stands_in([](sighandler_t handler) { return exchange_by(sigaction, handler); }); }},
    {"__sigaction", [] { return stands_in([](sighandler_t handler) { return exchange_by(__sigaction, handler); }); }},
    {"signal", [] { return stands_in([](sighandler_t handler) { return signal(SIGUSR1, handler); }); }},
    {"bsd_signal", [] { return stands_in([](sighandler_t handler) { return bsd_signal(SIGUSR1, handler); }); }},
    {"ssignal", [] { return stands_in([](sighandler_t handler) { return ssignal(SIGUSR1, handler); }); }},
    {"sysv_signal", [] { return stands_in([](sighandler_t handler) { return sysv_signal(SIGUSR1, handler); }); }},
    {"__sysv_signal", [] { return stands_in([](sighandler_t handler) { return __sysv_signal(SIGUSR1, handler); }); }},
    {"sigset", [] { return stands_in([](sighandler_t handler) { return sigset(SIGUSR1, handler); }); }},
};
// clang-format on

}  // namespace

case_list signal_cases() { return cases; }

}  // namespace wrappers
