// idle_memory.hpp - returning what nobody wants any more.
//
// heap/demand.hpp says what is wanted. Who returns the rest, in this order:
//   a thread that frees      calls pass_time() (heap/slow_calls.hpp) at the end of what is
//                            slow anyway; every so often that looks at a coarse clock.
//   a thread that waits      asks return_idle() how long to wait before it asks again:
//                            under the preload library by itself, in a program that is
//                            linked to the library by connarena_idle().
//   a thread of our own      where neither may come: see helper.hpp.
// All of it runs outside of every lane and lock.
#pragma once

#include <cstdint>

#include "heap/threads.hpp"

namespace connarena {

/// What return_idle gives when nothing is left to return, and when the system refuses to
/// take what is.
inline constexpr std::int64_t all_returned = -1;
inline constexpr std::int64_t refused = -2;

/// Ends the epoch if it is over, and returns some of what is due: a few milliseconds'
/// worth. Gives after how many nanoseconds there will be more to do, 0 for at once, or one
/// of the above. `now_ns`: of os::coarse_now_ns.
std::int64_t return_idle(std::int64_t now_ns) noexcept;

/// Whether return_idle has something to do at that time.
[[nodiscard]] bool is_return_due(std::int64_t now_ns) noexcept;

/// A thread that is about to wait leaves to others what those may wait for: blocks of their lanes
/// that lie in its outboxes, and a lane that it has borrowed.
void pass_on_what_is_others(thread_slot& self) noexcept;

/// The program is about to wait. One that has not said so for two epochs may be about
/// to wait for ever: all of its excess goes at once. Gives as return_idle, but never 0.
std::int64_t be_idle(std::int64_t now_ns) noexcept;

/// Starts a helper, if that is wanted and none runs. Pre: outside of every lane and lock.
void ask_helper() noexcept;

/// Around fork: meanwhile nobody returns anything. The first of the locks.
void lock_idle_memory() noexcept;
void unlock_idle_memory() noexcept;
void reset_idle_memory() noexcept;

}  // namespace connarena
