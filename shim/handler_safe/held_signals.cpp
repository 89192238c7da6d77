#include "shim/handler_safe/held_signals.hpp"

#include <cstdint>
#include <cstring>

#include "shim/handler_safe/allowed_calls.hpp"

namespace connarena::shim {
namespace {

constexpr int own_faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

struct usual_signals {
  std::uint64_t held = 0;
  bool is_noted = false;
};

constinit thread_local usual_signals usual __attribute__((tls_model("initial-exec")));

/// The kernel knows 64 signals.
std::uint64_t held_now() noexcept {
  sigset_t held;
  pthread_sigmask(SIG_BLOCK, nullptr, &held);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &held, sizeof bits);
  return bits;
}

}  // namespace

held_signals::held_signals() noexcept {
  sigset_t held;
  sigfillset(&held);
  for (const int fault : own_faults) sigdelset(&held, fault);
  pthread_sigmask(SIG_BLOCK, &held, &before_);
}

held_signals::~held_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

void note_usual_signals() noexcept {
  if (usual.is_noted || !may_tidy()) return;
  usual.held = held_now();
  usual.is_noted = true;
}

bool handles_signal() noexcept { return usual.is_noted && (held_now() & ~usual.held) != 0; }

}  // namespace connarena::shim
