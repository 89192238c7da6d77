// demand.hpp - how much of the idle memory is still wanted, and what is to go.
//
// Idle pages that lay in a page heap untouched through two whole epochs, some half
// second, are due: what was in use at most meanwhile, less what is in use now, stays.
// In a heap whose runs all fit each other,
//
//   cached after a return <= most live in the last two epochs - live now
//
// and due pages go only as far as the strict bound, floor + live / 32, demands. Where live
// memory grew in the last epoch, what the next seconds want at that rate stays, up to what
// was live of late: a program that fills what it has just freed takes longer for it.
// A program that works faults nothing in again; one that stops is within the strict
// bound after three epochs, 0.72 s, if somebody calls end_epoch and returns what
// to_return_bytes says: see arena/idle_memory.hpp.
//
// Whatever happens within an epoch, live and idle together stay below what was live
// at most in the last two and an eighth more, or below what is expected, and the strict bound:
// else pieces that fit no request would add up. Whoever looks at the clock sees to it.
#pragma once

#include <cstdint>

namespace connarena::demand {

/// Two of them are how long memory stays wanted: half a second, where nothing is set.
[[nodiscard]] std::int64_t epoch_ns() noexcept;
/// Sets how long that is; a few milliseconds at least.
void set_keep(std::int64_t ns) noexcept;

/// By the shared counts.
[[nodiscard]] std::int64_t live_and_retained_bytes() noexcept;
/// Both apart; exactly, in O(threads).
struct holdings {
  std::int64_t live, retained;
};
[[nodiscard]] holdings exact_holdings() noexcept;
/// Whether more is idle than may stay for good, by the shared counts.
[[nodiscard]] bool has_excess() noexcept;
/// How much more; exactly, in O(threads).
[[nodiscard]] std::int64_t excess_bytes() noexcept;

/// Returns cached pages at once where live and idle memory exceed the recent peak. Gives
/// how many bytes more there are, inside open arenas.
std::int64_t keep_below_peak() noexcept;

/// Notes what was not wanted in the epoch that ends. Threads: one at a time.
void end_epoch() noexcept;
/// How many bytes of the cached pages are to go now: they are due, there is an excess, and
/// a program that grows does not want them. Exactly, in O(threads), where some are due.
[[nodiscard]] std::uint64_t to_return_bytes() noexcept;
/// Whether there are such, by the shared counts.
[[nodiscard]] bool has_to_return() noexcept;

}  // namespace connarena::demand
