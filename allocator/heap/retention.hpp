// retention.hpp - what of the process's memory is live and what is idle, in bytes.
//
// Retained pages are those that are wholly free and not yet returned to the
// system: cached in the page heaps and by threads, on shelves, in idle slabs of places, or,
// as their lanes report them, inside open arenas. How long they stay: see demand.hpp.
//
// A thread counts in a batch of its own, which only it writes. The shared counts are
// right to within the batches and the caches of threads; `exact` adds those up.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace connarena {
struct batch;
}

namespace connarena::retention {

/// Bytes by what they are; those that are cached the page heaps know.
struct amounts {
  std::int64_t live;
  std::int64_t shelved;          ///< on shelves
  std::int64_t in_slabs;         ///< idle slabs of places
  std::int64_t in_own_lanes;     ///< idle in arenas for one thread
  std::int64_t in_shared_lanes;  ///< idle in arenas for any thread
};

/// Add bytes to the counts, or with a negative number take from them.
void add_in_lanes(std::int64_t bytes, bool any_thread) noexcept;
void add_live(std::int64_t bytes) noexcept;
void add_idle_slabs(std::int64_t bytes) noexcept;

/// The counts, without what is still in batches, and with what threads cache as live:
/// none is negative.
[[nodiscard]] amounts estimate() noexcept;
/// The counts with every thread's batch. O(threads).
[[nodiscard]] amounts exact() noexcept;

/// What may stay idle for good: the floor, without what threads may cache and what
/// the tables take, and a 32nd of what is live.
[[nodiscard]] std::int64_t strict_bound(const amounts& now) noexcept;

/// What was live at most in this epoch and the one before, by the shared counts; and the
/// end of an epoch: see demand.hpp. What leaves a shelf and comes back is noted when
/// somebody says so.
[[nodiscard]] std::int64_t most_live() noexcept;
void note_most_live() noexcept;
/// The same without what has left a shelf and come back, which shelf after shelf may have
/// been: at least so much was live at once.
[[nodiscard]] std::int64_t most_live_for_certain() noexcept;
void note_certainly_live(std::int64_t bytes) noexcept;
/// What will be live sixteen epochs after the last one, if it goes on growing as it did in
/// that one, up to what it was of late; 0 if it did not grow.
[[nodiscard]] std::int64_t expected_live() noexcept;
void end_epoch() noexcept;

/// In a forked child: the counts of lanes and of what is live are these from now on.
void correct(const amounts& seen) noexcept;

/// Bytes in arenas for one thread above what those may keep where nobody else can return
/// it; 0 within it.
[[nodiscard]] std::int64_t excess_in_own_lanes() noexcept;
/// Bytes above half of that, which is little.
[[nodiscard]] std::int64_t more_than_little_in_own_lanes() noexcept;

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

namespace detail {
/// What each thread may hide of what is in lanes. Written where a thread begins.
extern constinit std::atomic<std::int64_t> lane_quantum_bytes;
}  // namespace detail

/// Adds what a thread has not yet added.
void flush(batch& of_thread) noexcept;

}  // namespace connarena::retention
