// held_signals.hpp - a stretch in which signals wait, and whether one is being handled.
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

/// Notes what the calling thread holds back while it handles no signal, for one who
/// will tidy; the first call counts.
void note_usual_signals() noexcept;

/// Whether the thread seems to handle a signal: it holds more back than usual. It
/// may then have been interrupted inside an allocator. One system call.
[[nodiscard]] bool handles_signal() noexcept;

}  // namespace connarena::shim
