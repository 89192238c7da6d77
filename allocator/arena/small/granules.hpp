// granules.hpp - reading and cleaning stretches of the granule table.
//
// The bytes of a stretch may change while it is read only from live to remote,
// which reads the same here: both are occupied.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arena/lane/lane.hpp"

namespace connarena {

/// The byte of a granule.
[[nodiscard]] inline std::uint8_t mark_at(granule_index at) noexcept {
  return std::atomic_ref(region.granules[at]).load(std::memory_order_relaxed);
}

/// The first byte that is not 0 in [from, to), or `to`.
[[nodiscard]] granule_index next_mark(granule_index from, granule_index to) noexcept;

/// The end of the occupied stretch that starts at `from`: blocks in any state,
/// one after the other. Pre: a block starts at `from` or a gap does.
[[nodiscard]] granule_index skip_blocks(granule_index from, granule_index to) noexcept;

/// Forgets freed blocks, so that they become gaps. Gives the granules of the others.
std::uint32_t forget_freed(granule_index from, granule_index to) noexcept;

/// Turns live blocks into survivors, also those that other threads are freeing, and
/// forgets freed ones. Gives the number and granules of those that live on.
struct survivor_count {
  std::uint32_t blocks, granules;
};
survivor_count mark_survivors(granule_index from, granule_index to) noexcept;

/// Granules of blocks that are not freed, or freed and not yet collected.
struct occupied_count {
  std::uint32_t of_survivors, of_others;
};
[[nodiscard]] occupied_count count_occupied(granule_index from, granule_index to) noexcept;

/// Ends live blocks, and forgets freed ones. `are_all_here`: no other thread is freeing
/// one of them.
struct ended_count {
  std::uint32_t blocks, granules;
  bool are_all_here;
};
ended_count end_live(granule_index from, granule_index to) noexcept;

/// Ends the live blocks that are no survivors.
void forget_live(granule_index from, granule_index to) noexcept;

/// Blocks that other threads are freeing are freed. Pre: no such thread is left.
void finish_frees(granule_index from, granule_index to) noexcept;

/// Whether a block is neither freed nor absent.
[[nodiscard]] inline bool is_occupied(std::uint8_t mark) noexcept {
  return mark != 0 && (mark & granule::state_mask) != granule::freed;
}

/// Calls `take(first, end)` on each stretch of [from, to) that no occupied block
/// covers. Freed blocks are free. Pre: no block reaches into `from`.
template <typename Take>
void for_each_free(granule_index from, granule_index to, Take take) noexcept {
  granule_index free_from = from;
  for (granule_index at = next_mark(from, to); at < to;) {
    const std::uint8_t mark = mark_at(at);
    const granule_index end = at + class_granules[mark & granule::class_mask];
    if (is_occupied(mark)) {
      if (free_from < at) take(free_from, at);
      free_from = end;
    }
    at = end < to ? next_mark(end, to) : to;
  }
  if (free_from < to) take(free_from, to);
}

/// The free stretch around [from, to), which is free, within [begin, end). Pre: no
/// block reaches into `begin`.
struct gap {
  granule_index begin, end;
};
[[nodiscard]] gap gap_around(granule_index from, granule_index to, granule_index begin,
                             granule_index end) noexcept;

}  // namespace connarena
