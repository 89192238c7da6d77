// arenas.hpp - the life of an arena: opened, emptied, ended, found by handle.
//
// A handle is a generation and the index of the arena's first lane. Generations
// are unique in the process, so a stale handle never reaches a newer arena. An
// arena for one thread has no handle.
#pragma once

#include <cstddef>
#include <cstdint>

#include <connarena/connarena.h>

#include "arena/lane/lane.hpp"
#include "arena/small/donation.hpp"
#include "base/beside.hpp"

namespace connarena {

/// What every lane of an arena for one thread has as its generation; no handle has.
inline constexpr std::uint64_t one_thread_generation = 1;

namespace detail {
/// What the next batch of generations starts with; past the last one it wraps.
extern constinit std::atomic<std::uint64_t> next_generations;
}  // namespace detail

/// Opens an arena; null when no memory is left.
[[nodiscard]] lane* open_arena(std::size_t limit_bytes, const char* name, bool any_thread) noexcept;

/// The first lane a handle points at, whether or not it is stale; null if it
/// points at none.
[[nodiscard]] inline lane* lane_of(connarena_t handle) noexcept {
  const std::uint32_t index = lane_index_of(handle);
  if (index == 0 || index >= read_beside(region.lanes_end)) [[unlikely]]
    return nullptr;
  return &lane_at(index);
}
[[nodiscard]] inline connarena_t handle_of(const lane& first) noexcept {
  return make_handle(first.generation.load(std::memory_order_relaxed), first.index);
}

/// The process has just been hardened: what arenas that are open know of their peaks lets
/// them take runs as they are. Pre: nobody works in them.
void forget_peaks_of_runs() noexcept;

/// Ends every block; the arena stays open. Pre: nobody else is inside.
void empty_arena(lane& first) noexcept;

/// Ends the arena and every block. Pre: nobody else is inside.
void end_arena(lane& first) noexcept;

/// What draining gave back and left.
struct drained {
  std::uint64_t returned_bytes = 0;
  std::uint64_t survivor_bytes = 0;
  std::uint64_t survivor_blocks = 0;
};
/// What becomes of the blocks that are alive when an arena ends.
enum class survivors_are : std::uint8_t {
  kept,     ///< they stay valid
  retired,  ///< they end, as far as they can: see retirement.hpp
};
/// Ends an arena for any thread. False if `handle` is stale by now.
[[nodiscard]] bool drain(lane& first, connarena_t handle, survivors_are become,
                         drained& result) noexcept;
/// The same for one in which nothing lives; false, too, if something does, or if it takes
/// another thread's help to tell.
[[nodiscard]] bool drain_empty(lane& first, connarena_t handle, drained& result) noexcept;

/// The second lane of an arena in whose first threads meet, opened if there is none: from
/// here on each may have an owner again. Null without memory, if the handle is stale, or if
/// the first has an owner. Takes the first lane's guard.
[[nodiscard]] lane* second_lane(lane& first, connarena_t handle) noexcept;

/// Takes pages in which nothing lives from the lanes of an arena with a limit, which kept
/// them for blocks to come: whatever it refused may be possible then. False if it found no
/// reason to look. Pre: outside of its lanes.
[[nodiscard]] bool shed_arena(lane& first, connarena_t handle) noexcept;

/// Counters of an open arena. Pre: the caller is inside its first lane.
void read_counters(lane& first, connarena_stats& out) noexcept;

}  // namespace connarena
