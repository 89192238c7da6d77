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
inline constexpr std::int64_t moment_ms = 20;

/// Waits in parts while there is something to return. `wait(timeout_ms)` is the
/// call itself: -1 is for ever, and 0 the answer when the time has passed.
template <typename Wait>
auto wait_and_tidy(std::int64_t timeout_ms, Wait wait) {
  std::int64_t part_ms = moment_ms;
  return_share();
  while ((timeout_ms < 0 || timeout_ms > part_ms) && is_untidy()) {
    const auto early = wait(part_ms);
    if (early != 0) return early;
    if (timeout_ms > 0) timeout_ms -= part_ms;
    part_ms = tidy();
    if (part_ms < 0) break;
  }
  return wait(timeout_ms);
}

}  // namespace connarena::shim
