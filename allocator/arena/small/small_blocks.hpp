// small_blocks.hpp - the fast paths of blocks under a page.
//
// A block comes from the free list of its size class, else from the bump
// pointer; blocks of all sizes follow each other in a span, so that a small
// connection touches one or two pages. The granule table has one byte where a
// block starts: its class and state. That byte is all there is to say about a
// block; none has a header.
//
// Free lists run through the free blocks themselves. A link is encoded under a
// secret key and its block's address and must decode to a granule, and a block that
// leaves a list must be marked as freed: an overwritten link is recognised when it, or at
// the latest the block it leads to, is taken. Hardened, it is seen at once whether it leads
// to a free block of the same lane and class, and it is wiped as its block is handed out.
//
// Threads: whoever is inside the lane.
#pragma once

#include <array>
#include <cstdint>

#include "arena/lane/check_lane.hpp"
#include "arena/lane/lane.hpp"
#include "base/checks.hpp"

namespace connarena {

/// The byte of a live block: granule::live and its size class. The fast paths look
/// it up by a size and compute with it as it is.
using live_mark = std::uint8_t;

namespace detail {
consteval auto make_live_marks() {
  auto marks = class_of_granules;
  for (auto& mark : marks) mark |= granule::live;
  return marks;
}
}  // namespace detail

/// In one place, so that one base address serves both.
struct fast_tables {
  std::array<live_mark, max_small_granules + 1> mark_of_granules;
  std::array<std::uint8_t, class_count> granules_of_class;
};
inline constexpr fast_tables fast{detail::make_live_marks(), class_granules};

/// Pre: size_bytes <= max_small_bytes.
[[nodiscard]] inline live_mark mark_of_size(std::size_t size_bytes) noexcept {
  return fast.mark_of_granules[(size_bytes + granule_bytes - 1) >> granule_shift];
}
[[nodiscard]] inline live_mark mark_of_class(size_class index) noexcept {
  return static_cast<live_mark>(granule::live | index);
}
[[nodiscard]] inline std::uint32_t granules_of(live_mark mark) noexcept {
  return fast.granules_of_class[mark - std::size_t{granule::live}];
}
[[nodiscard]] inline std::uint8_t freed_mark(live_mark mark) noexcept {
  return static_cast<std::uint8_t>(mark ^ (granule::live ^ granule::freed));
}
[[nodiscard]] inline granule_index& head_of(lane& in, live_mark mark) noexcept {
  return in.heads[mark - std::size_t{granule::live}];
}

/// Finds room for a block of a class and takes it; null when the limit or the
/// memory is exhausted. Pre: take_ready() gave none.
[[nodiscard]] void* refill(lane& in, live_mark wanted) noexcept;

/// Tells the process that a lane has more free granules than it knew of. May
/// return pages to the system.
void report_free(lane& in) noexcept;

inline void write_link(void* block, granule_index next) noexcept {
  *static_cast<std::uint64_t*>(block) =
      next ^ region.link_key ^ reinterpret_cast<std::uintptr_t>(block);
}

/// What a link says; no granule if it was overwritten.
[[nodiscard]] inline std::uint64_t read_link(const void* block) noexcept {
  return *static_cast<const std::uint64_t*>(block) ^ region.link_key ^
         reinterpret_cast<std::uintptr_t>(block);
}

/// Puts free granules, which start at `start`, onto the list of a class.
inline void push_free(lane& in, granule_index block, void* start, live_mark mark) noexcept {
  region.granules[block] = freed_mark(mark);
  write_link(start, head_of(in, mark));
  head_of(in, mark) = block;
}

/// Takes the first block off a list that is not empty, and marks it as live. Null,
/// with nothing done, if the list is corrupted, or the process hardened.
[[nodiscard]] inline void* pop_free(lane& in, live_mark mark) noexcept {
  const granule_index block = head_of(in, mark);
  void* const start = granule_address(block);
  std::uint8_t& byte = region.granules[block];
  if (byte != freed_mark(mark)) [[unlikely]]
    return nullptr;
  const std::uint64_t next = read_link(start);
  if (next >= region.links_end) [[unlikely]]
    return nullptr;
  byte = mark;
  head_of(in, mark) = static_cast<granule_index>(next);
  ++in.allocations;
  add_free(in, -granules_of(mark));
  check(in);
  return start;
}

/// A block from the list of its class or the bump pointer. Null if neither has one,
/// or if the list is corrupted or hardened: refill() finds that out.
[[nodiscard]] inline void* take_ready(lane& in, live_mark mark) noexcept {
  if (head_of(in, mark) != 0) [[likely]]
    return pop_free(in, mark);
  const std::uint32_t granules = granules_of(mark);
  const granule_index block = in.bump;
  if (granules > in.bump_end - block) [[unlikely]]
    return nullptr;
  in.bump = block + granules;
  ++in.allocations;
  region.granules[block] = mark;
  check(in);
  return granule_address(block);
}

[[nodiscard]] inline void* allocate_small(lane& in, live_mark mark) noexcept {
  void* const block = take_ready(in, mark);
  return block != nullptr ? block : refill(in, mark);
}

[[nodiscard]] inline bool is_report_due(const lane& in) noexcept { return in.until_report < 0; }

/// Reports if free granules have passed the mark. True if so: whoever has left the lane of
/// an arena for any thread then calls pass_time (heap/slow_calls.hpp).
inline bool report_if_due(lane& in) noexcept {
  if (!is_report_due(in)) [[likely]]
    return false;
  report_free(in);
  return true;
}

/// Frees a block that is known to be live, of this class and on this lane. A report
/// may be due.
inline void free_small(lane& in, granule_index block, void* start, live_mark mark) noexcept {
  push_free(in, block, start, mark);
  ++in.deallocations;
  add_free(in, granules_of(mark));
  check(in);
}

/// Frees a block of a class whose owner is `owner`. False, with nothing done, if it is
/// none of the lane's, or of another class. A report may be due.
[[nodiscard]] inline bool put_back_of(lane& in, std::atomic<std::uint32_t>& owner, granule_index at,
                                      void* block, live_mark mark) noexcept {
  if (owner.load(std::memory_order_relaxed) != in.tag) [[unlikely]]
    return false;
  if (region.granules[at] != mark) [[unlikely]]
    return false;
  free_small(in, at, block, mark);
  return true;
}

/// The same for a block that lies in pages: the page of a first block has no owner.
[[nodiscard]] inline bool put_back(lane& in, void* block, live_mark mark) noexcept {
  const std::size_t granule = granule_at(block);
  if (!is_small(granule)) [[unlikely]]
    return false;
  const auto at = static_cast<granule_index>(granule);
  return put_back_of(in, region.owners[page_of(at)], at, block, mark);
}

/// The same for one that lies in the lane's first block.
[[nodiscard]] inline bool put_back_first(lane& in, void* block, live_mark mark) noexcept {
  const std::size_t granule = granule_at(block);
  if (granule >= region.slots_end) return false;
  const auto at = static_cast<granule_index>(granule);
  return put_back_of(in, region.slot_owners[at / first_block_granules], at, block, mark);
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

namespace detail {
bool collect_waiting(lane& in) noexcept;
}  // namespace detail

/// Collects what other threads freed. True if there was something.
inline bool collect_remote(lane& in) noexcept {
  return in.remote.load(std::memory_order_relaxed) != 0 && detail::collect_waiting(in);
}

/// The same when pages of the lane have passed on: what is pushed later, the pusher passes on
/// himself, since he sees that.
inline void collect_remote_after_move(lane& in) noexcept {
  // seq_cst: comes after the pages' new owners, as the push comes before the pusher's second
  // look at the owner
  if (in.remote.load(std::memory_order_seq_cst) != 0) detail::collect_waiting(in);
}

}  // namespace connarena
