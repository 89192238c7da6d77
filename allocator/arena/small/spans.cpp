#include "arena/small/spans.hpp"

#include <algorithm>

#include "arena/lane/check_lane.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/small/small_blocks.hpp"
#include "base/beside.hpp"
#include "heap/hardening.hpp"
#include "heap/page_infos.hpp"
#include "heap/pages.hpp"
#include "heap/slot_pool.hpp"
#include "heap/thread_cache.hpp"

namespace connarena {
namespace {

/// Several pages at a time, as plain stores: whoever looks at a page's owner beside
/// this, a neighbour or a thread that misuses a block, sees the old or the new one.
void clear_owners(page_index first, std::uint32_t pages) noexcept {
  static_assert(sizeof(region.owners[0]) == sizeof(std::uint32_t));
  auto* const owners = reinterpret_cast<std::uint32_t*>(region.owners);
  __builtin_memset(owners + first, 0, pages * sizeof(std::uint32_t));
}

void set_owners(page_index first, page_index end, std::uint32_t owner) noexcept {
  for (page_index page = first; page < end; ++page) {
    region.owners[page].store(owner, std::memory_order_relaxed);
  }
}

void set_owner(span_id span, std::uint32_t owner) noexcept {
  if (in_first_blocks(span)) {
    region.slot_owners[span / first_block_granules].store(owner, std::memory_order_relaxed);
    return;
  }
  const page_index first = page_of(span);
  set_owners(first, first + span_info(first).pages(), owner);
}

void clear_marks(page_index first, page_index end) noexcept {
  for (page_index page = first; page < end; ++page) span_info(page).marks() = 0;
}

std::uint32_t touched_pages(span_id span) noexcept { return span_info(page_of(span)).touched(); }

std::uint32_t pages_of_span(span_id span) noexcept {
  return in_first_blocks(span) ? 0 : span_info(page_of(span)).pages();
}

/// Pages of spans that follow each other, on their way back.
struct leaving_pages {
  page_index first = 0;
  std::uint32_t pages = 0;
  std::uint32_t touched = 0;

  /// Joins what lies right before; false if `before` does not.
  bool put_before(const leaving_pages& before) noexcept {
    if (before.first + before.pages != first) return false;
    if (touched != 0) touched += before.pages;
    touched = std::max(touched, before.touched);
    first = before.first;
    pages += before.pages;
    return true;
  }
  void give(was before = was::in_use) const noexcept {
    if (pages == 0) return;
    static_assert(make_owner(page_kind::none, 0) == 0);
    if (pages > span_pages && !under_thread_sanitizer) {
      clear_owners(first, pages);
    } else {
      set_owners(first, first + pages, 0);
    }
    give_pages(page_source::small, first, pages, touched, before);
  }
};

page_run take_span(lane& in, std::uint32_t granules, std::uint32_t usual) noexcept {
  for (const std::uint32_t pages : {usual, first_span_pages, 1u}) {
    const std::uint64_t bytes = std::uint64_t{pages} << page_shift;
    if (pages * page_granules < granules || !reserve(in, bytes)) continue;
    const page_run taken = take_pages(page_source::small, pages);
    if (taken.first == 0) {
      give_up(in, bytes);
      return taken;
    }
    span_info(taken.first).set_pages(pages);
    return taken;
  }
  return {0, 0};
}

}  // namespace

std::uint32_t& marks_of(span_id span) noexcept {
  return in_first_blocks(span) ? region.links[span / first_block_granules].prev
                               : span_info(page_of(span)).marks();
}

void attach_span(lane& in, span_id span) noexcept {
  // A write would make a page of the links' table resident.
  span_id& front = in.has_spare ? next_span(in.spans) : in.spans;
  if (next_span(span) != front) next_span(span) = front;
  // A fork may come at any time: what is on the list is whole.
  std::atomic_signal_fence(std::memory_order_release);
  front = span;
  add_to(in.small_pages, pages_of_span(span));
  set_owner(span, in.tag);
}

void set_bump(lane& in, granule_index from, granule_index to, bool is_carved) noexcept {
  push_pieces(in, in.bump, in.bump_end);
  add_free(in, in.bump_end - in.bump);
  std::uint32_t carved = in.bump_end - in.carved_origin;
  if (is_carved) {
    carved -= to - from;
    add_free(in, from - to);
  }
  in.carved_origin = from - carved;
  in.bump = from;
  in.bump_end = to;
}

void abandon_gap(lane& in) noexcept {
  if (in.current != 0) return;
  add_free(in, in.bump_end - in.bump);
  const std::uint32_t carved = in.bump_end - in.carved_origin;
  in.bump = 0;
  in.bump_end = 0;
  in.carved_origin = -carved;
}

void leave_current(lane& in, granule_index end) noexcept {
  const span_id span = in.current;
  if (span != 0 && !in_first_blocks(span)) {
    const std::uint32_t touched = touched_pages(span);
    in.kept_pages -= std::min(in.kept_pages, touched);
    const std::uint32_t used = (end - span + page_granules - 1) / page_granules;
    if (used > touched) span_info(page_of(span)).set_touched(used);
    // A fork may come at any time: a span that is not the current one says what it holds.
    std::atomic_signal_fence(std::memory_order_release);
  }
  in.current = 0;
}

bool add_first_block(lane& in) noexcept {
  const checked<lane> ends(in);
  const std::uint32_t number = take_place(place::first_block);
  if (number == 0) return false;
  const span_id span = number * first_block_granules;
  wipe(granule_address(span), slot_bytes);
  attach_span(in, span);
  set_bump(in, span, span + first_block_granules, false);
  in.current = span;
  return true;
}

bool add_span(lane& in, std::uint32_t granules, std::uint32_t usual_pages) noexcept {
  const checked<lane> ends(in);
  const page_run taken = take_span(in, granules, usual_pages);
  if (taken.first == 0) return false;
  const span_id span = first_granule(taken.first);
  const std::uint32_t length = span_info(taken.first).pages() * page_granules;
  __builtin_memset(region.granules + span, 0, std::size_t{taken.resident} * page_granules);
  wipe(page_address(taken.first), std::size_t{taken.resident} << page_shift);
  leave_current(in, in.bump_end);
  span_info(taken.first).set_touched(taken.resident);
  attach_span(in, span);
  in.kept_pages += taken.resident;
  set_bump(in, span, span + length, false);
  in.current = span;
  note_peak(in);
  return true;
}

void enter_spare(lane& in) noexcept {
  const checked<lane> ends(in);
  const span_id span = spare_of(in);
  wipe(granule_address(span), std::size_t{touched_pages(span)} << page_shift);
  leave_current(in, in.bump_end);
  set_bump(in, span, span + span_length(span), false);
  in.current = span;
  in.has_spare = false;
  add_to(in.small_pages, pages_of_span(span));
  note_peak(in);
}

void give_spare(lane& in, was before) noexcept {
  if (!in.has_spare) return;
  in.kept_pages -= std::min(in.kept_pages, touched_spare(in));
  give_span(in, take_first_span(in), before);
}

void give_first_block(span_id span) noexcept {
  const std::uint32_t number = span / first_block_granules;
  region.slot_owners[number].store(make_owner(page_kind::none, 0), std::memory_order_relaxed);
  if (region.links[number].prev != 0) region.links[number].prev = 0;
  __builtin_memset(region.granules + span, 0, first_block_granules);
  give_place(place::first_block, number);
}

void give_span_pages(page_index first, std::uint32_t pages, std::uint32_t touched,
                     was before) noexcept {
  clear_marks(first, first + pages);
  leaving_pages{first, pages, touched}.give(before);
}

void give_span(lane& in, span_id span, was before) noexcept {
  if (span == in.current) leave_current(in, in.bump);
  if (in_first_blocks(span)) return give_first_block(span);
  const page_index first = page_of(span);
  give_span_pages(first, span_info(first).pages(), touched_pages(span), before);
}

void give_spans(lane& in) noexcept {
  leave_current(in, in.bump);
  leaving_pages joined{};
  while (const span_id span = take_first_span(in)) {
    if (in_first_blocks(span)) {
      give_first_block(span);
      continue;
    }
    const leaving_pages next{page_of(span), pages_of_span(span), touched_pages(span)};
    if (in.has_marks) clear_marks(next.first, next.first + next.pages);
    if (!has_room(this_thread(), page_source::small, next.pages) && joined.put_before(next))
      continue;
    joined.give();
    joined = next;
  }
  joined.give();
}

}  // namespace connarena
