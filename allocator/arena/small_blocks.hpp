// small_blocks.hpp - the fast paths of blocks under a page.
//
// A block comes from the free list of its size class, else from the bump
// pointer; blocks of all sizes follow each other in a span, so that a small
// connection touches one or two pages. The granule table has one byte where a
// block starts: its class and state. That byte is all there is to say about a
// block; none has a header.
//
// Free lists run through the free blocks themselves. A link holds its index
// twice, under a secret key, so that an overwritten one is recognised.
//
// Threads: whoever is inside the lane.
#pragma once

#include <cstdint>

#include "arena/lane.hpp"
#include "base/checks.hpp"

namespace connarena {

/// Finds room for a block of a class and takes it; null when the limit or the
/// memory is exhausted.
[[nodiscard]] void* refill(lane& in, size_class wanted) noexcept;

/// Tells the process that a lane has more free granules than it knew of. May
/// return pages to the system.
void report(lane& in) noexcept;

inline void write_link(granule_index block, granule_index next) noexcept {
  const std::uint64_t twice = std::uint64_t{next} << 32 | next;
  *reinterpret_cast<std::uint64_t*>(granule_address(block)) = twice ^ region.link_key;
}

[[nodiscard]] inline granule_index read_link(granule_index block) noexcept {
  const std::uint64_t twice =
      *reinterpret_cast<const std::uint64_t*>(granule_address(block)) ^ region.link_key;
  const auto next = static_cast<granule_index>(twice);
  if (next != twice >> 32) [[unlikely]]
    die_corrupted(granule_address(block));
  return next;
}

/// Puts free granules onto the list of a class.
inline void push_free(lane& in, granule_index block, size_class index) noexcept {
  region.granules[block] = static_cast<std::uint8_t>(granule::freed | index);
  write_link(block, in.heads[index]);
  in.heads[index] = block;
}

[[nodiscard]] inline granule_index pop_free(lane& in, size_class index) noexcept {
  const granule_index block = in.heads[index];
  in.heads[index] = read_link(block);
  return block;
}

inline void* hand_out(lane& in, granule_index block, size_class index) noexcept {
  char* const start = granule_address(block);
  region.granules[block] = static_cast<std::uint8_t>(granule::live | index);
  in.live_granules += class_granules[index];
  ++in.allocations;
  return start;
}

/// A block from the list of its class or the bump pointer; null if neither has one.
[[nodiscard]] inline void* take_ready(lane& in, size_class index) noexcept {
  if (in.heads[index] != 0) [[likely]] {
    return hand_out(in, pop_free(in, index), index);
  }
  const std::uint32_t granules = class_granules[index];
  const granule_index block = in.bump;
  if (granules > in.bump_end - block) [[unlikely]]
    return nullptr;
  in.bump = block + granules;
  return hand_out(in, block, index);
}

[[nodiscard]] inline void* allocate_small(lane& in, size_class index) noexcept {
  void* const block = take_ready(in, index);
  return block != nullptr ? block : refill(in, index);
}

/// Reports if free granules have passed the mark.
inline void report_if_due(lane& in) noexcept {
  if (static_cast<std::int32_t>(in.bump - in.live_granules - in.report_at) > 0) [[unlikely]] {
    report(in);
  }
}

/// Frees a block that is known to be live, of this class and on this lane.
inline void free_small(lane& in, granule_index block, size_class index) noexcept {
  push_free(in, block, index);
  in.live_granules -= class_granules[index];
  ++in.deallocations;
  report_if_due(in);
}

/// Frees a block of a class. False, with nothing done, if that is not what it is.
[[nodiscard]] inline bool deallocate_small(lane& in, std::size_t block, size_class index) noexcept {
  if (!is_small(block)) [[unlikely]]
    return false;
  const auto at = static_cast<granule_index>(block);
  if (owner_at(at).load(std::memory_order_relaxed) != in.tag) [[unlikely]]
    return false;
  if (region.granules[at] != (granule::live | index)) [[unlikely]]
    return false;
  free_small(in, at, index);
  return true;
}

/// The bytes of room that an aligned block is cut out of.
[[nodiscard]] inline std::size_t aligned_room(std::size_t size_bytes,
                                              std::size_t alignment) noexcept {
  return class_bytes(class_of(size_bytes)) + alignment - granule_bytes;
}

/// Whether a request is one for a small block.
[[nodiscard]] inline bool fits_small(std::size_t size_bytes, std::size_t alignment) noexcept {
  if (size_bytes > max_small_bytes) return false;
  return alignment <= granule_bytes || aligned_room(size_bytes, alignment) <= max_small_bytes;
}

/// Allocates at a multiple of `alignment`, a power of two from 32 up.
/// Pre: fits_small.
[[nodiscard]] void* allocate_small_aligned(lane& in, std::size_t size_bytes,
                                           std::size_t alignment) noexcept;

/// Cuts granules that nobody uses into free blocks.
void push_pieces(lane& in, granule_index from, granule_index to) noexcept;

/// Collects what other threads freed. True if there was something.
bool collect_remote(lane& in) noexcept;

}  // namespace connarena
