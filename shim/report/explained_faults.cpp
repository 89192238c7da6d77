#include "shim/report/explained_faults.hpp"

#include <csignal>
#include <unistd.h>

#include "api/core.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/settings/text.hpp"

namespace connarena::shim {
namespace {

/// Returns to the instruction that failed, which then ends the process; one that was
/// sent is sent again.
void explain(int signal, siginfo_t* info, void* /*context*/) noexcept {
  const bool was_sent = info->si_code <= 0;
  if (!was_sent && core::is_retired(info->si_addr)) {
    text<160>{}
        .add("connarena: use of 0x")
        .add_hex(reinterpret_cast<std::uintptr_t>(info->si_addr))
        .add(", which was released with its connection\n")
        .write_to(STDERR_FILENO);
  }
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  next().sigaction(signal, &usual, nullptr);
  if (was_sent) static_cast<void>(raise(signal));
}

}  // namespace

void explain_faults() noexcept {
  struct sigaction present {};
  if (next().sigaction(SIGSEGV, nullptr, &present) != 0 || present.sa_handler != SIG_DFL) return;
  struct sigaction ours {};
  ours.sa_sigaction = explain;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
  next().sigaction(SIGSEGV, &ours, nullptr);
}

}  // namespace connarena::shim
