// retention.hpp - the process-wide bound on idle memory.
//
// Retained pages are those that are wholly free and not yet returned to the
// system: in the page heaps, and, as their lanes report them, inside open
// arenas. Whoever adds pages beyond the bound returns pages in the same call:
// nothing depends on later activity or on a background thread.
//
//   bound = floor - what thread caches may hold + live / 32
//
// Threads batch what they add, so the counts may lag by a quantum a thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace connarena::retention {

/// Adds to, or with a negative count takes from, the pages retained.
void add_retained(std::int64_t pages) noexcept;
/// The same for pages that hold live blocks.
void add_live(std::int64_t pages) noexcept;

/// Pages above the bound, down to three quarters of it; 0 within the bound.
[[nodiscard]] std::int64_t excess_pages() noexcept;

/// Returns cached pages to the system if the bound is exceeded. True if the
/// bound holds afterwards.
bool enforce() noexcept;

/// The floor of the bound.
void set_floor(std::size_t bytes) noexcept;
/// Free pages that a lane may hide before a look at the whole of it is due.
[[nodiscard]] std::uint32_t sweep_worth_pages() noexcept;
/// What one thread's cache may hold: see thread_slot.
[[nodiscard]] std::uint32_t thread_cache_pages() noexcept;
/// A thread that caches has started (1) or ended (-1).
void count_caching_thread(int change) noexcept;

/// Folds a thread's batch into the totals.
void flush(std::int32_t& retained_batch, std::int32_t& live_batch) noexcept;

}  // namespace connarena::retention
