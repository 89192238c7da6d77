// held_signals.hpp - a stretch in which signals wait.
#pragma once

#include <csignal>

namespace connarena::shim {

/// Holds signals back, but for those of the thread's own faults. A call that takes
/// a mask lets them in with the one of before.
class held_signals {
 public:
  held_signals() noexcept;
  ~held_signals();
  held_signals(const held_signals&) = delete;
  held_signals& operator=(const held_signals&) = delete;
  [[nodiscard]] const sigset_t* before() const noexcept { return &before_; }

 private:
  sigset_t before_;
};

}  // namespace connarena::shim
