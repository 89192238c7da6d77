// retention.hpp - the process-wide bound on idle memory.
//
// Retained pages are those that are wholly free and not yet returned to the
// system: cached in the page heaps, or, as their lanes report them, inside open
// arenas. Whoever adds pages beyond the bound returns pages in the same call:
// nothing depends on later activity or on a background thread.
//
//   cached + in lanes <= floor + live / 32
//            in lanes <= floor
//
// What is in lanes has a bound that does not fall with the live memory, because
// only a lane's own thread can return it. Thread caches, batches and sweeps that
// are not due yet may hide some: that is set aside from the floor.
#pragma once

#include <cstddef>
#include <cstdint>

namespace connarena {
struct batch;
}

namespace connarena::retention {

/// Add bytes to the counts, or with a negative number take from them.
void add_cached(std::int64_t bytes) noexcept;
void add_in_lanes(std::int64_t bytes) noexcept;
void add_live(std::int64_t bytes) noexcept;

/// The sum of the counts; never negative.
[[nodiscard]] std::int64_t live_and_retained_bytes() noexcept;

// bound.cpp: returns what is over the bound

/// Bytes in lanes above their bound, down to three quarters of it; 0 within it.
[[nodiscard]] std::int64_t excess_in_lanes() noexcept;

/// Returns cached pages to the system if the bound is exceeded.
void enforce() noexcept;

/// From now on the program may keep, while it is at work, what it had live at most
/// since it was last idle: no more than its peak. Whoever says so returns the excess
/// over the strict bound: all of it when the program is idle, some now and then
/// while it is not.
void allow_excess_at_work() noexcept;
[[nodiscard]] bool has_excess() noexcept;
/// Returns up to so many bytes of the excess; false if none went.
[[nodiscard]] bool return_excess(std::int64_t most_bytes) noexcept;
/// A 128th of the excess, at least 64 KiB.
[[nodiscard]] std::int64_t share_of_excess() noexcept;

// retention.cpp again

/// The floor of the bound.
void set_floor(std::size_t bytes) noexcept;
/// Leaves a part of it.
void divide_floor(std::uint32_t parts) noexcept;
/// What another thread's cache may hold, until it gives that share back: see
/// thread_slot. 0 when too little is left. Threads: one at a time.
[[nodiscard]] std::uint32_t take_thread_share() noexcept;
void give_thread_share(std::uint32_t bytes) noexcept;
/// So many units, pages or quarters, are used for the first time: the tables that
/// describe them stay resident.
void count_described(std::int64_t units) noexcept;

/// What is live only moves the bound by a 32nd: a thread's batch may hold 1 MiB of it.
inline constexpr std::int32_t live_quantum_bytes = 1 << 20;

/// Adds what a thread has not yet added.
void flush(batch& of_thread) noexcept;

}  // namespace connarena::retention
