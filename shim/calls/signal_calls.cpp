// signal_calls.cpp - the calls by which a program sets its signal handlers: see
// running_handlers.hpp. What a program is told of its handlers is what it has set.
#include <csignal>
#include <cstring>

#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/running_handlers.hpp"

namespace connarena::shim {
namespace {

using simple_handler = void (*)(int);

handler_address address_of(simple_handler handler) noexcept {
  handler_address address = nullptr;
  std::memcpy(&address, &handler, sizeof handler);
  return address;
}
simple_handler handler_at(handler_address address) noexcept {
  simple_handler handler = nullptr;
  std::memcpy(&handler, &address, sizeof address);
  return handler;
}

/// A call that takes a handler and gives the one of before.
template <typename Set>
simple_handler exchange_handler(int signal, simple_handler handler, Set set) noexcept {
  const handler_address wanted = address_of(handler);
  const told_handler noted = note_handler(signal, wanted);
  const simple_handler former = set(handler_at(noted.told));
  if (former == SIG_ERR) {
    forget_handler(signal, wanted, noted);
    return former;
  }
  return handler_at(handler_behind(address_of(former), noted.before));
}

void tell_program(struct sigaction* former, handler_address known) noexcept {
  if (former == nullptr) return;
  former->sa_handler = handler_at(handler_behind(address_of(former->sa_handler), known));
}

}  // namespace
}  // namespace connarena::shim

using namespace connarena::shim;

CONNARENA_REPLACES int sigaction(int signal, const struct sigaction* set,
                                 struct sigaction* former) noexcept {
  const handler_address known = known_handler(signal);
  if (set == nullptr) {
    const int result = next().sigaction(signal, nullptr, former);
    if (result == 0) tell_program(former, known);
    return result;
  }
  struct sigaction told = *set;
  const handler_address wanted = address_of(set->sa_handler);
  const told_handler noted = note_handler(signal, wanted);
  told.sa_handler = handler_at(noted.told);
  const int result = next().sigaction(signal, &told, former);
  if (result != 0) {
    forget_handler(signal, wanted, noted);
  } else {
    tell_program(former, noted.before);
  }
  return result;
}

CONNARENA_REPLACES sighandler_t signal(int number, sighandler_t handler) noexcept {
  return exchange_handler(number, handler,
                          [=](sighandler_t told) { return next().signal(number, told); });
}

CONNARENA_REPLACES sighandler_t sysv_signal(int number, sighandler_t handler) noexcept {
  return exchange_handler(number, handler,
                          [=](sighandler_t told) { return next().sysv_signal(number, told); });
}

CONNARENA_REPLACES sighandler_t sigset(int number, sighandler_t handler) noexcept {
  return exchange_handler(number, handler,
                          [=](sighandler_t told) { return next().sigset(number, told); });
}

CONNARENA_ALSO(__sigaction, sigaction);
CONNARENA_ALSO(bsd_signal, signal);
CONNARENA_ALSO(ssignal, signal);
CONNARENA_ALSO(__sysv_signal, sysv_signal);
