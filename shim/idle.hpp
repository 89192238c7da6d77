// idle.hpp - giving idle memory back when the program has nothing to do.
//
// While connections come and go, memory that one frees is what the next one
// takes: returning it at once costs most of the page faults. So a program whose
// threads wait for events may keep up to its peak while it is at work, and gives the
// rest back, down to the strict bound, as soon as a wait has lasted for a moment; one
// that is never idle gives a share back ten times a second. No thread of ours, no
// timer: the waiting thread does it itself, before or between its waits.
//
// After connections have closed, the base allocator is asked to trim as well: its
// small blocks of those connections are free, but lie where it does not look. That
// is rationed to a twentieth of the time.
#pragma once

#include <csignal>
#include <cstdint>

namespace connarena::shim {

/// A connection has closed: its small blocks are the base allocator's to return.
void note_closed_connection() noexcept;

/// Whether there is something to return; asked before each wait.
[[nodiscard]] bool is_untidy() noexcept;

/// Returns a share, if it is time. Called before each wait.
void return_share() noexcept;

/// Returns some of it. Called by a thread that has waited in vain. Gives after how
/// many milliseconds there will be more to do; negative: not as things are.
[[nodiscard]] std::int64_t tidy() noexcept;

/// How long a wait has to last before anything is returned.
inline constexpr std::int64_t moment_ns = 20000000;

/// Holds signals back between the parts of a wait. One that comes there finds the
/// thread in the next part, with the mask of before, and interrupts it.
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

/// Waits in parts while there is something to return. `wait(part_ns, mask)` is the
/// call itself: -1 is for ever, and 0 the answer when the time has passed. Without
/// a mask it is the program's own call, unchanged.
template <typename Wait>
auto wait_and_tidy(std::int64_t timeout_ns, Wait wait) {
  return_share();
  const bool is_long = timeout_ns < 0 || timeout_ns > moment_ns;
  if (!is_long || !is_untidy()) return wait(timeout_ns, nullptr);
  const held_signals held;
  std::int64_t part_ns = moment_ns;
  while (part_ns >= 0 && (timeout_ns < 0 || timeout_ns > part_ns) && is_untidy()) {
    const auto early = wait(part_ns, held.before());
    if (early != 0) return early;
    if (timeout_ns > 0) timeout_ns -= part_ns;
    part_ns = tidy();
  }
  return wait(timeout_ns, held.before());
}

}  // namespace connarena::shim
