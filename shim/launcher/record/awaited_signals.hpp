// awaited_signals.hpp - the signals that a recorder waits for, and how it had them before.
#pragma once

#include <signal.h>

#include <chrono>

namespace connarena::launcher {

/// Those that end a recording, and those that say that a child has ended. One that whoever
/// started the recorder chose to ignore ends nothing.
class awaited_signals {
 public:
  awaited_signals();
  /// 0: none came for so long.
  [[nodiscard]] int wait(std::chrono::steady_clock::duration span) const;
  /// In a child: it begins as the recorder did.
  void give_back() const;

 private:
  sigset_t set_{}, mask_before_{};
  struct sigaction of_children_before_ {};
};

}  // namespace connarena::launcher
