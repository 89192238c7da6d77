// fresh_spans.hpp - what a lane begins with: nothing, or what a thread has kept for it.
//
// Threads: whoever is inside the lane, or has it before it is opened.
#pragma once

#include <cstddef>

#include "arena/lane/charge.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/small/spans.hpp"

namespace connarena {

/// Spans in which nothing is marked; 0: none.
struct fresh_spans {
  span_id first_block = 0;
  span_id pages = 0;
};

namespace detail {
/// No free list; of the bump pointer nothing is left either. By vectors that the compiler does
/// not see through: what it makes of zeros in a row, `rep stos`, takes as long to start as all
/// of this.
inline void forget_lists(lane& in) noexcept {
  using vector [[gnu::vector_size(16), gnu::may_alias]] = std::uint64_t;
  static_assert(offsetof(lane, bump) == sizeof in.heads);
  static_assert(offsetof(lane, bump_end) % sizeof(vector) == 0);
  std::uint64_t zero = 0;
  asm("" : "+r"(zero));
  auto* const words = reinterpret_cast<vector*>(&in);
  for (std::size_t i = 0; i < offsetof(lane, bump_end) / sizeof(vector); ++i) {
    words[i] = vector{zero, zero};
  }
}

/// The bump pointer goes back from pages that were spare to the first block before them.
inline void leave_pages(lane& in, span_id pages) noexcept {
  const span_info info(page_of(pages));
  in.current = info.next();
  in.bump_end = in.current + first_block_granules;
  in.carved_origin = in.current;
  in.kept_pages = info.touched();
  in.small_pages.store(0, std::memory_order_relaxed);
  in.has_spare = true;
}
}  // namespace detail

/// Makes the lane one that has these spans and no others: the bump pointer is in the first
/// block, the pages are spare. Where its own went is the caller's affair, and what was charged
/// for them.
[[gnu::always_inline]] inline void begin_with(lane& in, const fresh_spans& spans) noexcept {
  const span_id first_block = spans.first_block;
  detail::forget_lists(in);
  in.bump = first_block;
  in.bump_end = first_block != 0 ? first_block + first_block_granules : 0;
  in.until_report = page_granules;
  in.carved_origin = first_block;
  in.report_mark = page_granules;
  in.spans = spans.pages != 0 ? spans.pages : first_block;
  in.current = first_block;
  in.harvest_span = 0;
  in.harvest_offset = 0;
  in.harvest_stop = 0;
  in.idle_granules = 0;
  in.step_granules = page_granules;
  in.step_pages = 1;
  in.kept_pages = 0;
  in.small_pages.store(0, std::memory_order_relaxed);
  in.others_granules.store(0, std::memory_order_relaxed);
  in.recycle_at = 0;
  in.has_mixed = false;
  in.has_marks = false;
  in.has_spare = spans.pages != 0;
  in.is_plain = first_block != 0;
  // A write would make a page of the links' table resident.
  if (first_block != 0 && next_span(first_block) != 0) next_span(first_block) = 0;
  if (spans.pages == 0) return;
  const span_info info(page_of(spans.pages));
  info.next() = first_block;
  in.kept_pages = info.touched();
}

/// Makes the lane one without spans. Where they went is the caller's affair; it is charged for
/// them no more.
inline void leave_spans(lane& in) noexcept {
  give_up(in, span_bytes(in));
  begin_with(in, {});
}

}  // namespace connarena
