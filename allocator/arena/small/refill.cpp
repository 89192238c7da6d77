// refill.cpp - where a small block comes from when its free list is empty and
// the bump pointer has come to its end.
//
// In this order: what other threads freed; gaps in the lane's own spans, once
// enough is free there; the first block; a span that survivors of ended arenas
// left room in; fresh pages.

#include <algorithm>
#include <bit>
#include <cerrno>

#include "arena/lane/check_lane.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/small/donation.hpp"
#include "arena/small/granules.hpp"
#include "arena/small/small_blocks.hpp"
#include "arena/small/spans.hpp"
#include "arena/small/sweep.hpp"
#include "base/failure.hpp"
#include "heap/hardening.hpp"
#include "heap/page_infos.hpp"
#include "heap/retirement.hpp"

namespace connarena {
namespace {

/// Whether a lane's list of a class may hold a block.
bool is_of_list(const lane& in, live_mark mark, std::uint64_t at) noexcept {
  if (!is_small(at)) return false;
  const auto block = static_cast<granule_index>(at);
  return owner_at(block).load(std::memory_order_relaxed) == in.tag &&
         mark_at(block) == freed_mark(mark);
}

/// pop_free in a hardened process. Null, with nothing done, in any other, or if the list is
/// corrupted.
void* pop_hardened(lane& in, live_mark mark) noexcept {
  if (!is_hardened()) return nullptr;
  const granule_index block = head_of(in, mark);
  void* const start = granule_address(block);
  const std::uint64_t next = read_link(start);
  if (!is_of_list(in, mark, block)) return nullptr;
  if (next != 0 && (next == block || !is_of_list(in, mark, next))) return nullptr;
  wipe(start, sizeof next);
  region.granules[block] = mark;
  head_of(in, mark) = static_cast<granule_index>(next);
  ++in.allocations;
  add_free(in, -granules_of(mark));
  return start;
}

void* pop(lane& in, live_mark mark) noexcept {
  void* const start = pop_free(in, mark);
  return start != nullptr ? start : pop_hardened(in, mark);
}

/// take_ready, in a hardened process too.
void* take(lane& in, live_mark mark) noexcept {
  return head_of(in, mark) != 0 ? pop(in, mark) : take_ready(in, mark);
}

void use_gap(lane& in, granule_index from, granule_index to) noexcept {
  if (!in_first_blocks(from)) {
    for (page_index page = page_of(from); page <= page_of(to - 1); ++page) {
      span_info(page).marks() &= ~span_mark::returned;
    }
  }
  in.idle_granules -= std::min(in.idle_granules, to - from);
  // Blocks that were freed there left their links.
  wipe(granule_address(from), std::size_t{to - from} << granule_shift);
  if (to - from <= in.bump_end - in.bump) {
    push_pieces(in, from, to);
    return;
  }
  leave_current(in, in.bump_end);
  set_bump(in, from, to, true);
}

/// The end of what a lane may use of a gap: all of it, but for the limit where survivors
/// of others lie around it. There an arena is charged only for what it is about to use:
/// whole blocks of a class.
granule_index usable_end(lane& in, span_id span, granule_index gap, granule_index gap_end,
                         std::uint32_t granules) noexcept {
  if (!in.has_mixed || in_first_blocks(span) || (marks_of(span) & span_mark::mixed) == 0)
    return gap_end;
  std::uint32_t most = gap_end - gap;
  if (has_limit(in)) most -= most % granules;
  while (most != 0 && !reserve_of_others(in, most)) most = most > granules ? granules : 0;
  if (most != 0) note_peak(in);
  return gap + most;
}

/// Makes the next gap of the lane's spans usable, for blocks of so many granules. False
/// when there is none.
bool harvest(lane& in, std::uint32_t granules) noexcept {
  while (in.harvest_span != in.harvest_stop) {
    const span_id span = in.harvest_span;
    const granule_index end = span_end(in, span);
    const granule_index gap = skip_blocks(span + in.harvest_offset, end);
    if (gap >= end) {
      in.harvest_span = next_span(span);
      in.harvest_offset = 0;
      continue;
    }
    const granule_index gap_end = next_mark(gap, end);
    in.harvest_offset = gap_end - span;
    const granule_index usable = usable_end(in, span, gap, gap_end, granules);
    if (usable == gap) continue;
    use_gap(in, gap, usable);
    return true;
  }
  return false;
}

/// Cuts a block out of a larger free one.
void* split_larger(lane& in, live_mark wanted) noexcept {
  const std::uint32_t granules = granules_of(wanted);
  for (std::uint32_t larger = wanted + 1u; larger < granule::live + class_count; ++larger) {
    const auto mark = static_cast<live_mark>(larger);
    const granule_index block = head_of(in, mark);
    if (block == 0) continue;
    void* const start = pop(in, mark);
    if (start == nullptr) die_corrupted(granule_address(block));
    region.granules[block] = wanted;
    push_pieces(in, block + granules, block + granules_of(mark));
    add_free(in, granules_of(mark) - granules);
    return start;
  }
  return nullptr;
}

void* take_from_gaps(lane& in, live_mark wanted) noexcept {
  const std::uint32_t granules = granules_of(wanted);
  while (in.harvest_span != in.harvest_stop && harvest(in, granules)) {
    if (void* const block = take(in, wanted)) return block;
  }
  const std::uint32_t carved = in.bump_end - in.carved_origin;
  const std::uint32_t free = free_granules(in) + (in.bump_end - in.bump);
  if (free < carved / 4 || free < granules) return nullptr;
  if (void* const block = split_larger(in, wanted)) return block;
  const std::uint32_t pages = in.small_pages.load(std::memory_order_relaxed);
  if (free < carved / 2 || pages == 0 || pages < in.recycle_at) return nullptr;
  in.recycle_at = pages + pages / 4 + 1;
  sweep(in, 0);
  while (harvest(in, granules)) {
    if (void* const block = take(in, wanted)) return block;
  }
  return split_larger(in, wanted);
}

/// A first block with room. Any thread may free the survivors of a donated one, so
/// an arena for one thread gets an empty one.
bool take_first_block(lane& in, std::uint32_t granules) noexcept {
  // Nothing that would survive in one can be retired.
  if (in.any_thread && has_retired_pages()) return false;
  return in.any_thread ? take_any_first_block(in, granules) : add_first_block(in);
}

/// The pages that an arena may have.
std::uint32_t pages_under_limit(const lane& in) noexcept {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(limit_bytes(in) >> page_shift, UINT32_MAX));
}

/// As long as all that the lane has, to span_pages: 17 KiB are then not charged as 80, and have no
/// page of the granule table to themselves.
/// At most a 16th of the limit: an arena's other lane is to have room, too. Where connections
/// leave survivors a lane that can leave some starts with one page at a time, so that they do
/// not spread.
std::uint32_t usual_span_pages(const lane& in) noexcept {
  const std::uint32_t pages = in.small_pages.load(std::memory_order_relaxed);
  if (pages >= first_span_pages) {
    const std::uint32_t as_long_as_all = std::min(std::bit_floor(pages), span_pages);
    return std::clamp(pages_under_limit(in) / 16, 1u, as_long_as_all);
  }
  const bool may_spread = in.any_thread && (has_donated_pages() || has_retired_pages());
  return pages == 0 && !may_spread ? first_span_pages : 1;
}

/// Whether the lane has nothing, or but a spare span.
bool is_untouched(const lane& in) noexcept {
  return in.spans == spare_of(in) && (in.spans == 0 || next_span(in.spans) == 0);
}

/// Room in a span that the lane had not before.
void* take_from_new_span(lane& in, live_mark wanted) noexcept {
  const std::uint32_t granules = granules_of(wanted);
  if (is_untouched(in) && granules <= first_block_granules && take_first_block(in, granules)) {
    if (void* const block = take(in, wanted)) return block;
    if (void* const block = take_from_gaps(in, wanted)) return block;
  }
  if (in.any_thread && take_donated_span(in, granules)) {
    if (void* const block = take_from_gaps(in, wanted)) return block;
  }
  if (in.has_spare) {
    enter_spare(in);
    return take(in, wanted);
  }
  return add_span(in, granules, usual_span_pages(in)) ? take(in, wanted) : nullptr;
}

void* take_from_spans(lane& in, live_mark wanted) noexcept {
  void* const block = in.spans != 0 ? take_from_gaps(in, wanted) : nullptr;
  return block != nullptr ? block : take_from_new_span(in, wanted);
}

/// At its limit an arena looks for what the lane could do without.
[[gnu::noinline]] void* take_after_all(lane& in, live_mark wanted) noexcept {
  if (!has_limit(in)) return fail(ENOMEM);
  void* const block = shed(in) ? take_from_spans(in, wanted) : nullptr;
  return block != nullptr ? block : fail(is_within_limit(in, page_bytes) ? ENOMEM : EDQUOT);
}

[[gnu::noinline]] void* refill_empty(lane& in, live_mark wanted) noexcept {
  const checked<lane> ends(in);
  in.is_released = false;
  in.is_plain = false;
  if (collect_remote(in)) {
    if (void* const block = take(in, wanted)) return block;
  }
  void* block = take_from_spans(in, wanted);
  if (block == nullptr) block = take_after_all(in, wanted);
  // Gaps that were harvested are no longer idle: the next report is due earlier.
  update_account(in);
  return block;
}

}  // namespace

/// Where a connection is as long as the one before it: nothing is counted anew, since the
/// lane has told of its spare span.
[[gnu::noinline]] void* refill_from_spare(lane& in, live_mark wanted) noexcept {
  const bool fits_first_block = granules_of(wanted) <= first_block_granules;
  if ((fits_first_block && is_untouched(in)) || (in.any_thread && gathers_survivors())) {
    return refill_empty(in, wanted);
  }
  enter_spare(in);
  return take(in, wanted);
}

/// The list of a hardened process is taken from here each time: without a frame.
[[gnu::noinline]] void* refill(lane& in, live_mark wanted) noexcept {
  if (head_of(in, wanted) == 0) {
    return in.has_spare ? refill_from_spare(in, wanted) : refill_empty(in, wanted);
  }
  if (void* const block = pop_hardened(in, wanted)) return block;
  die_corrupted(granule_address(head_of(in, wanted)));
}

void push_pieces(lane& in, granule_index from, granule_index to) noexcept {
  while (from < to) {
    const std::uint32_t room = std::min<std::uint32_t>(to - from, page_granules);
    const size_class piece = class_within_granules[room];
    push_free(in, from, granule_address(from), mark_of_class(piece));
    from += class_granules[piece];
  }
}

[[gnu::noinline]] void* allocate_small_aligned(lane& in, std::size_t size_bytes,
                                               std::size_t alignment) noexcept {
  const size_class taken_class = class_of(aligned_room(size_bytes, alignment));
  void* const room = allocate_small(in, mark_of_class(taken_class));
  if (room == nullptr) return nullptr;
  const auto block = static_cast<granule_index>(granule_at(room));
  const auto step = static_cast<std::uint32_t>(alignment / granule_bytes);
  const granule_index aligned = (block + step - 1) & ~(step - 1);
  const size_class index = class_of(size_bytes);
  const granule_index end = aligned + class_granules[index];
  region.granules[block] = 0;
  add_free(in, std::uint32_t{class_granules[taken_class]} - class_granules[index]);
  push_pieces(in, block, aligned);
  push_pieces(in, end, block + class_granules[taken_class]);
  region.granules[aligned] = static_cast<std::uint8_t>(granule::live | index);
  return granule_address(aligned);
}

}  // namespace connarena
