// spans.hpp - the stretches of granules that a lane's small blocks lie in: its
// first block of 320 bytes, then whole pages: 4 at first, and then as many as it has, up to 16.
//
// Threads: whoever is inside the lane.
#pragma once

#include <cstdint>

#include "arena/lane/lane.hpp"
#include "heap/page_infos.hpp"
#include "heap/pages.hpp"

namespace connarena {

// A small connection then shares a page of the granule table with three others.
inline constexpr std::uint32_t first_span_pages = 4;
/// The most at a time.
inline constexpr std::uint32_t span_pages = 16;

[[nodiscard]] inline std::uint32_t span_length(span_id span) noexcept {
  return in_first_blocks(span) ? first_block_granules
                               : span_info(page_of(span)).pages() * page_granules;
}

/// The next older span of the same lane.
[[nodiscard]] inline std::uint32_t& next_span(span_id span) noexcept {
  return in_first_blocks(span) ? region.links[span / first_block_granules].next
                               : span_info(page_of(span)).next();
}

/// Marks of a span's pages: see span_info. Those of a first block are in its links.
namespace span_mark {
inline constexpr std::uint32_t returned = 1;  ///< the system has this page
inline constexpr std::uint32_t mixed = 2;     ///< at the first: survivors of others live here
}  // namespace span_mark

/// The marks at a span's start.
[[nodiscard]] std::uint32_t& marks_of(span_id span) noexcept;

/// Pages that the bump pointer has not come to: they are idle, and not of small_pages. 0: none.
[[nodiscard]] inline span_id spare_of(const lane& in) noexcept {
  return in.has_spare ? in.spans : 0;
}

/// Where a span's blocks end: at the bump pointer, while that is in the span.
[[nodiscard]] inline granule_index span_end(const lane& in, span_id span) noexcept {
  if (span == in.current) return in.bump;
  return span == spare_of(in) ? span : span + span_length(span);
}

/// Pages, or the first block, taken from the pools for a lane and made its
/// current span: of so many pages, or fewer, with room for so many granules. False if there
/// are none or the limit is reached.
[[nodiscard]] bool add_first_block(lane& in) noexcept;
[[nodiscard]] bool add_span(lane& in, std::uint32_t granules, std::uint32_t usual_pages) noexcept;

/// Puts a span at the front of a lane's list, but for a spare one, with the lane as its owner. The
/// span's infos say how long it is and what of it is resident.
void attach_span(lane& in, span_id span) noexcept;

/// Takes the newest span off a lane's list; 0: there is none. A fork may come at any
/// time: a child that sweeps the lane is to find no span there that has ended.
inline span_id take_first_span(lane& in) noexcept {
  const span_id span = in.spans;
  if (span == 0) return 0;
  in.has_spare = false;
  in.spans = next_span(span);
  std::atomic_signal_fence(std::memory_order_release);
  return span;
}

/// Makes [from, to) what the bump pointer moves through. What was left of the
/// former range becomes free blocks. `is_carved` says that the range was part
/// of the carved granules before.
void set_bump(lane& in, granule_index from, granule_index to, bool is_carved) noexcept;

/// Gives up what the bump pointer has left in a gap: it is a gap again.
void abandon_gap(lane& in) noexcept;

/// Leaves the current span, which was used up to `end`.
void leave_current(lane& in, granule_index end) noexcept;

/// Makes the lane's spare span its current one.
void enter_spare(lane& in) noexcept;
/// Pages of it that may be resident.
[[nodiscard]] inline std::uint32_t touched_spare(const lane& in) noexcept {
  return in.has_spare ? span_info(page_of(in.spans)).touched() : 0;
}
/// Gives it back, if there is one.
void give_spare(lane& in, was before = was::in_use) noexcept;

/// Gives a span back whose granules are all free. Owners and marks are cleared.
void give_span(lane& in, span_id span, was before = was::in_use) noexcept;

/// Gives all spans of a lane back, none of which is mixed, whatever lives there. The
/// lane is to be closed or made one without spans.
void give_spans(lane& in) noexcept;

/// Makes [first, first + pages) of a span unowned, and gives them back.
void give_span_pages(page_index first, std::uint32_t pages, std::uint32_t touched,
                     was before = was::in_use) noexcept;
void give_first_block(span_id span) noexcept;

}  // namespace connarena
