// kept_runs.hpp - short runs that the calling thread keeps, taken and kept again in one step
// each: what a connection does most with blocks of more than a page.
//
// Where more than that is to be done, nothing is: the arena has a limit, the run did I/O or
// has grown, or the process is hardened. Then runs.hpp does it.
//
// Threads: whoever may change the list of the arena's runs: see run_list.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arena/runs/run.hpp"
#include "arena/runs/run_list.hpp"
#include "heap/page_heap.hpp"
#include "heap/run_sizes.hpp"
#include "heap/thread_cache.hpp"

namespace connarena {

inline constexpr std::size_t most_kept_bytes = exact_run_units * quarter_bytes;

/// Makes a run the arena's, the first one of its length that the thread keeps: what `kept`
/// says. Pre: the arena is open.
[[gnu::always_inline]] inline void hand_out_kept(lane& first, thread_slot& self, unit_index& kept,
                                                 quarter_index run,
                                                 std::uint32_t quarters) noexcept {
  kept = kept_info(run.unit).next();
  self.cached_bytes -= bytes_of(page_source::runs, quarters);
  ++first.run_allocations;
  link(first, run, quarters);
  // release: pairs with the acquire in run_of_block
  owner_at(run).store(make_owner(page_kind::run, first.index), std::memory_order_release);
}

/// A block in a run that the thread keeps; null, with nothing done, if there is none at hand.
/// Pre: the arena is open. The size is more than a small block's, and at most
/// most_kept_bytes; any line is a start for it.
[[nodiscard, gnu::always_inline]] inline void* take_kept_run(lane& first, thread_slot& self,
                                                             std::size_t size_bytes) noexcept {
  const std::uint32_t quarters = quarters_of_plain_run(size_bytes);
  unit_index& kept = kept_runs(self, page_source::runs, quarters);
  const std::size_t unit = kept;
  if (unit == 0 || first.noted_run_quarters == 0) [[unlikely]]
    return nullptr;
  const quarter_index run{static_cast<unit_index>(unit)};
  // Where the last block started there is room for the new one.
  const run_info info(run);
  if (!info.starts_within(-size_bytes % quarter_bytes)) [[unlikely]]
    return nullptr;
  void* const block = quarter_address(run) + info.start_bytes();
  hand_out_kept(first, self, kept, run, quarters);
  look_at_runs(first);
  return block;
}

/// The same where the block has to start elsewhere, or the run may be longer. Pre: any line
/// is a start for it.
[[nodiscard]] void* take_kept_run_anew(lane& first, thread_slot& self,
                                       std::size_t size_bytes) noexcept;

/// Calls `act(self)` for an arena for any thread, where nobody else is changing its list, the
/// arena is open and the thread known. Else gives what says that nothing was done.
template <typename Act>
[[gnu::always_inline]] inline auto while_open(lane& first, connarena_t arena, Act act) noexcept {
  thread_slot* const self = known_thread();
  decltype(act(*self)) done{};
  if (self == nullptr || !first.runs_guard.try_acquire(lock_rank::runs)) [[unlikely]]
    return done;
  if (is_of(first, arena)) [[likely]]
    done = act(*self);
  first.runs_guard.release(lock_rank::runs);
  return done;
}

/// Each of the two while_open.
[[nodiscard]] void* take_kept_run_anew_of(lane& first, connarena_t arena,
                                          std::size_t size_bytes) noexcept;
[[nodiscard, gnu::always_inline]] inline void* take_kept_run_of(lane& first, connarena_t arena,
                                                                std::size_t size_bytes) noexcept {
  return while_open(first, arena, [&](thread_slot& self) noexcept {
    return take_kept_run(first, self, size_bytes);
  });
}

/// Whether a live block starts so many bytes behind quarter 0, and its run is simply one of the
/// arena's. Pre: the caller may change the arena's list.
[[nodiscard, gnu::always_inline]] inline bool is_simple_run(const lane& first, quarter_index run,
                                                            std::size_t offset) noexcept {
  const std::uint32_t owner = owner_at(run).load(std::memory_order_relaxed);
  return says_run_of(owner, first) && run_info(run).starts_at(offset % quarter_bytes);
}

/// Keeps a simple run of the arena's. False, with nothing done, if the thread has no room or
/// the peak is not noted.
[[nodiscard, gnu::always_inline]] inline bool keep_simple_run(lane& first, thread_slot& self,
                                                              page_source source,
                                                              quarter_index run) noexcept {
  const std::uint32_t quarters = run_info(run).quarters();
  if (!has_room(self, source, quarters) || first.run_quarters > first.noted_run_quarters)
      [[unlikely]]
    return false;
  take_off(first, run);
  keep_live(self, source, run, quarters);
  ++first.run_deallocations;
  owner_at(run).store(make_owner(page_kind::none, 0), std::memory_order_relaxed);
  look_at_runs(first);
  return true;
}

/// Keeps the run of a live block of so many bytes, if `fits(length, needed)` says of its
/// quarters that they suit. False, with nothing done, if it is no such run of the arena's, or
/// it cannot be done so. Pre: the arena is open.
template <typename Fits>
[[nodiscard, gnu::always_inline]] inline bool keep_run_if(lane& first, thread_slot& self,
                                                          const void* block, std::size_t size_bytes,
                                                          Fits fits) noexcept {
  const std::size_t offset = offset_in_runs(block);
  const std::size_t unit = offset >> quarter_shift;
  // Whose a quarter is can be read of all there may be.
  if (unit >= region.runs.end) [[unlikely]]
    return false;
  const quarter_index run{static_cast<unit_index>(unit)};
  if (!is_simple_run(first, run, offset)) [[unlikely]]
    return false;
  const std::size_t end = (offset + size_bytes + quarter_bytes - 1) >> quarter_shift;
  const auto needed = static_cast<std::uint32_t>(end - unit);
  if (!fits(run_info(run).quarters(), needed)) [[unlikely]]
    return false;
  return keep_simple_run(first, self, page_source::runs, run);
}

/// The same of a run that has just the length for its block.
[[nodiscard, gnu::always_inline]] inline bool keep_run_again(lane& first, thread_slot& self,
                                                             const void* block,
                                                             std::size_t size_bytes) noexcept {
  return keep_run_if(first, self, block, size_bytes,
                     [](std::uint32_t length, std::uint32_t needed) { return length == needed; });
}

/// The same where the run may be longer than its block needs.
[[nodiscard]] bool keep_longer_run(lane& first, thread_slot& self, const void* block,
                                   std::size_t size_bytes) noexcept;

/// Each of the two while_open.
[[nodiscard]] bool keep_longer_run_of(lane& first, connarena_t arena, const void* block,
                                      std::size_t size_bytes) noexcept;
[[nodiscard, gnu::always_inline]] inline bool keep_run_of(lane& first, connarena_t arena,
                                                          const void* block,
                                                          std::size_t size_bytes) noexcept {
  return while_open(first, arena, [&](thread_slot& self) noexcept {
    return keep_run_again(first, self, block, size_bytes);
  });
}

/// The same of a block that only its address tells about.
[[nodiscard, gnu::always_inline]] inline bool keep_any_run(const void* block) noexcept {
  thread_slot* const self = known_thread();
  const std::size_t offset = offset_in_runs(block);
  if (self == nullptr || offset >> quarter_shift >= region.base_runs.end) [[unlikely]]
    return false;
  const quarter_index at{static_cast<unit_index>(offset >> quarter_shift)};
  const std::uint32_t owner = owner_at(at).load(std::memory_order_relaxed);
  if (kind_of(owner) != page_kind::run || index_of(owner) == 0) [[unlikely]]
    return false;
  lane& first = lane_at(index_of(owner));
  if (!first.runs_guard.try_acquire(lock_rank::runs)) [[unlikely]]
    return false;
  // One that the arena has adopted lies among those of nobody.
  const bool is_done =
      is_simple_run(first, at, offset) && keep_simple_run(first, *self, source_of_run(at), at);
  first.runs_guard.release(lock_rank::runs);
  return is_done;
}

}  // namespace connarena
