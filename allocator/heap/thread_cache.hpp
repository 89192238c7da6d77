// thread_cache.hpp - the short runs that a thread keeps in front of the page
// heaps, and its batch of counts: what the fast paths do with a thread's slot.
//
// Threads: the slot's own. The slots of threads without an identity keep nothing.
#pragma once

#include <cstdint>

#include "heap/page_infos.hpp"
#include "heap/retention.hpp"
#include "heap/run_sizes.hpp"
#include "heap/threads.hpp"

namespace connarena {

namespace detail {
/// Whether a thread's batch may hold so much of a count.
[[nodiscard]] inline bool fits_batch(std::int64_t sum, std::int64_t quantum_bytes) noexcept {
  const auto above_least = static_cast<std::uint64_t>(sum + quantum_bytes);
  return above_least <= static_cast<std::uint64_t>(2 * quantum_bytes);
}
}  // namespace detail

/// retention::add_live, without a look at the process where the batch has room.
inline void add_live(thread_slot& self, std::int64_t bytes) noexcept {
  const std::int64_t sum = self.counts.live + bytes;
  if (!self.is_registered() || !detail::fits_batch(sum, retention::live_quantum_bytes))
      [[unlikely]] {
    return retention::add_live(bytes);
  }
  self.counts.live = static_cast<std::int32_t>(sum);
}

/// Both counts, likewise, of a thread with an identity. False if all threads have been told.
inline bool add_live_and_in_lanes(thread_slot& self, std::int64_t live_bytes,
                                  std::int64_t lane_bytes, bool any_thread) noexcept {
  std::int32_t& in_lanes = any_thread ? self.counts.in_shared_lanes : self.counts.in_own_lanes;
  const std::int64_t quantum_bytes =
      retention::detail::lane_quantum_bytes.load(std::memory_order_relaxed);
  const std::int64_t live = self.counts.live + live_bytes;
  const std::int64_t lanes = in_lanes + lane_bytes;
  if (!detail::fits_batch(live, retention::live_quantum_bytes) ||
      !detail::fits_batch(lanes, quantum_bytes)) [[unlikely]] {
    retention::add_live(live_bytes);
    retention::add_in_lanes(lane_bytes, any_thread);
    return false;
  }
  self.counts.live = static_cast<std::int32_t>(live);
  in_lanes = static_cast<std::int32_t>(lanes);
  return true;
}

/// The kept runs of a length. Pre: 0 < units <= exact_run_units.
[[nodiscard]] inline unit_index& kept_runs(thread_slot& self, page_source source,
                                           std::uint32_t units) noexcept {
  return self.bins[static_cast<std::size_t>(source)][std::size_t{units} - 1];
}

/// Takes a kept run, which is not live yet.
[[nodiscard]] inline page_run take_kept(thread_slot& self, page_source from,
                                        std::uint32_t units) noexcept {
  unit_index& kept = kept_runs(self, from, units);
  const unit_index first = kept;
  if (first == 0) return {0, 0};
  const kept_info info(first);
  kept = info.next();
  self.cached_bytes -= bytes_of(from, units);
  add_live(self, -std::int64_t{bytes_of(from, units)});
  return {first, from == page_source::small ? info.resident() : units};
}

/// Whether the thread may keep a run. One of quarters is wholly resident, or not kept.
[[nodiscard]] inline bool has_room(const thread_slot& self, page_source of,
                                   std::uint32_t units) noexcept {
  return units <= exact_run_units &&
         self.cached_bytes + bytes_of(of, units) <= self.most_cached_bytes;
}

/// Keeps a live run of quarters that nobody owns or lists any more, as it is. Pre: has_room.
inline void keep_live(thread_slot& self, page_source of, quarter_index run,
                      std::uint32_t quarters) noexcept {
  unit_index& kept = kept_runs(self, of, quarters);
  kept_info(run.unit).set_next(kept);
  kept = run.unit;
  self.cached_bytes += bytes_of(of, quarters);
}

/// Keeps a run that is not live any more. Pre: has_room.
inline void keep(thread_slot& self, page_source of, unit_index first, std::uint32_t units,
                 std::uint32_t resident) noexcept {
  unit_index& kept = kept_runs(self, of, units);
  kept_info(first).set_next(kept);
  note_as_kept(of, first, units, resident);
  kept = first;
  self.cached_bytes += bytes_of(of, units);
  add_live(self, std::int64_t{bytes_of(of, units)});
}

}  // namespace connarena
