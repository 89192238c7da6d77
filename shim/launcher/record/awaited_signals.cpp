#include "shim/launcher/record/awaited_signals.hpp"

#include <algorithm>
#include <cstdint>

namespace connarena::launcher {
namespace {

bool is_ignored(int signal) {
  struct sigaction present {};
  return sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_IGN;
}

}  // namespace

awaited_signals::awaited_signals() {
  sigemptyset(&set_);
  for (const int each : {SIGINT, SIGTERM, SIGHUP}) {
    if (!is_ignored(each)) sigaddset(&set_, each);
  }
  sigaddset(&set_, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set_, &mask_before_);
  // Where it is ignored, nobody can be asked how a child ended.
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &by_default, &of_children_before_);
}

int awaited_signals::wait(std::chrono::steady_clock::duration span) const {
  constexpr std::int64_t ns_a_second = 1000000000;
  const std::int64_t ns =
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(span).count(), 0);
  const timespec time{ns / ns_a_second, ns % ns_a_second};
  return std::max(sigtimedwait(&set_, nullptr, &time), 0);
}

void awaited_signals::give_back() const {
  sigaction(SIGCHLD, &of_children_before_, nullptr);
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

}  // namespace connarena::launcher
