#include "shim/handler_safe/held_signals.hpp"

namespace connarena::shim {
namespace {
constexpr int own_faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
}  // namespace

held_signals::held_signals() noexcept {
  sigset_t held;
  sigfillset(&held);
  for (const int fault : own_faults) sigdelset(&held, fault);
  pthread_sigmask(SIG_BLOCK, &held, &before_);
}

held_signals::~held_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace connarena::shim
