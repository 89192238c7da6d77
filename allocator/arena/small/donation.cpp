#include "arena/small/donation.hpp"

#include <algorithm>

#include "arena/lane/check_lane.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/small/faults.hpp"
#include "arena/small/granules.hpp"
#include "arena/small/small_blocks.hpp"
#include "arena/small/spans.hpp"
#include "base/beside.hpp"
#include "heap/hardening.hpp"
#include "heap/page_infos.hpp"
#include "heap/retirement.hpp"
#include "os/lock.hpp"

namespace connarena {

namespace {

// How far to look for a gap that fits among gaps of about its size.
constexpr int most_looked_at = 8;
// And for donated pages behind those that were adopted last: what four cache lines say.
constexpr std::uint32_t most_pages_ahead = 64;

// What survivors spread over before anybody gathers them: as much as a thread may keep.
constexpr std::uint32_t many_spans = 64;

constinit donated_spans pool;

span_id& head_of(span_id span, std::uint32_t gap) noexcept {
  gap_lists& lists = in_first_blocks(span) ? pool.first_blocks : pool.spans;
  return lists.heads[std::min(gap_lists::list_of(gap), gap_lists::count - 1)];
}

void count_listed(span_id span, std::uint32_t change) noexcept {
  add_to(in_first_blocks(span) ? pool.listed_first_blocks : pool.listed_spans, change);
}

void unlist(span_id span) noexcept {
  const std::uint32_t gap = listed_gap(span);
  if (gap == 0) return;
  const span_id next = next_span(span);
  const span_id prev = prev_span(span);
  (prev != 0 ? next_span(prev) : head_of(span, gap)) = next;
  if (next != 0) prev_span(next) = prev;
  owner_at(span).store(make_owner(page_kind::donated, 0), std::memory_order_relaxed);
  count_listed(span, -1u);
}

/// Lists a span that is on no list by its largest gap; 0: on none.
void list(span_id span, std::uint32_t gap) noexcept {
  if (prev_span(span) != 0) prev_span(span) = 0;
  if (gap == 0) return;
  span_id& head = head_of(span, gap);
  next_span(span) = head;
  if (head != 0) prev_span(head) = span;
  head = span;
  owner_at(span).store(make_owner(page_kind::donated, gap), std::memory_order_relaxed);
  count_listed(span, 1);
}

/// A free has made a gap of so many granules: no other can have grown.
void note_gap(span_id span, std::uint32_t gap) noexcept {
  const std::uint32_t listed = listed_gap(span);
  if (gap <= listed || gap < least_listed_gap) return;
  if (listed != 0 && &head_of(span, listed) == &head_of(span, gap)) {
    owner_at(span).store(make_owner(page_kind::donated, gap), std::memory_order_relaxed);
    return;
  }
  unlist(span);
  list(span, gap);
}

std::uint32_t occupied_granules(span_id span) noexcept {
  std::uint32_t free = 0;
  for_each_free(span, span + span_length(span),
                [&](granule_index from, granule_index to) { free += to - from; });
  return span_length(span) - std::min(free, span_length(span));
}

void count(span_id span, std::int64_t sign) noexcept {
  const auto granules = static_cast<std::uint64_t>(sign) * occupied_granules(span);
  pool.counts.live_granules += granules;
  if (in_first_blocks(span)) {
    pool.counts.first_blocks += static_cast<std::uint64_t>(sign);
  } else {
    pool.counts.pages += static_cast<std::uint64_t>(sign) * donated_info(page_of(span)).pages();
    add_to(pool.spans_held, static_cast<std::uint32_t>(sign));
  }
}

/// Puts pages that survivors join, or a first block, into the pool.
void donate(span_id span) noexcept {
  const lock_guard guard(pool.guard, lock_rank::donations);
  const checked<donated_spans> ends(pool);
  const std::uint32_t owner = make_owner(page_kind::donated, 0);
  if (in_first_blocks(span)) {
    owner_at(span).store(owner, std::memory_order_seq_cst);
  } else {
    const page_index first = page_of(span);
    for (page_index page = first; page < first + donated_info(first).pages(); ++page) {
      donated_info(page).set_first(first);
      region.owners[page].store(owner, std::memory_order_seq_cst);
    }
  }
  count(span, 1);
  list(span, largest_gap(span));
}

/// Gives pages of a span back that are wholly free, and lists what is left of it.
void cut_out(span_id span, page_index from, page_index to) noexcept {
  const page_index first = page_of(span);
  const page_index end = first + donated_info(first).pages();
  unlist(span);
  pool.counts.pages -= to - from;
  add_to(pool.spans_held, (first < from ? 1u : 0u) + (to < end ? 1u : 0u) - 1u);
  if (first < from) {
    donated_info(first).set_pages(from - first);
    list(span, largest_gap(span));
  }
  if (to < end) {
    donated_info(to).set_pages(end - to);
    for (page_index page = to; page < end; ++page) donated_info(page).set_first(to);
    list(first_granule(to), largest_gap(first_granule(to)));
  }
  give_span_pages(from, to - from, to - from);
}

/// Cuts a span of pages that ends where no block joins two pages. Calls
/// `keep(first, pages)` for those that hold something.
template <typename Keep>
void split_pages(span_id span, granule_index end, Keep keep) noexcept {
  const page_index first = page_of(span);
  const std::uint32_t pages = span_info(first).pages();
  const std::uint32_t touched = span_info(first).touched();
  for (std::uint32_t page = 0; page < pages; ++page) span_info(first + page).marks() = 0;
  std::uint32_t done = 0;
  const auto give_up_to = [&](std::uint32_t page) {
    if (page > done) {
      const std::uint32_t resident = std::clamp(touched, done, page) - done;
      give_span_pages(first + done, page - done, resident);
    }
    done = std::max(done, page);
  };
  const auto keep_up_to = [&](std::uint32_t page) {
    keep(first + done, page - done);
    done = page;
  };
  // An occupied stretch: a page that it touches goes with it.
  std::uint32_t group_end = 0;
  const auto occupy = [&](granule_index from, granule_index to) {
    const std::uint32_t page = (from - span) / page_granules;
    if (page >= group_end) {
      if (group_end > done) keep_up_to(group_end);
      give_up_to(page);
    }
    group_end = (to - 1 - span) / page_granules + 1;
  };
  granule_index at = span;
  for_each_free(span, end, [&](granule_index gap, granule_index gap_end) {
    if (at < gap) occupy(at, gap);
    at = gap_end;
  });
  if (at < end) occupy(at, end);
  if (group_end > done) keep_up_to(group_end);
  give_up_to(pages);
}

bool is_empty(span_id span, granule_index end) noexcept { return next_mark(span, end) >= end; }

void donate_pages(page_index first, std::uint32_t pages) noexcept {
  donated_info(first).set_pages(pages);
  donate(first_granule(first));
}

void donate_rest(lane& in, span_id span, granule_index end) noexcept {
  if (is_empty(span, end)) return give_span(in, span);
  if (in_first_blocks(span)) return donate(span);
  split_pages(span, end, donate_pages);
}

/// What another thread is freeing meanwhile hangs in a list that runs through the block:
/// then the pages keep their contents.
void retire_pages(page_index first, std::uint32_t pages, survivors& left) noexcept {
  announce_retired(first, pages);
  const ended_count ended = end_live(first_granule(first), first_granule(first + pages));
  left.blocks += ended.blocks;
  left.granules += ended.granules;
  if (ended.are_all_here) retire_announced(first, pages);
}

span_id find_gap(const gap_lists& lists, std::uint32_t granules) noexcept {
  std::uint32_t list = std::min(gap_lists::list_of(granules), gap_lists::count - 1);
  span_id span = lists.heads[list];
  for (int looked = 0; span != 0 && looked < most_looked_at; ++looked) {
    if (listed_gap(span) >= granules) return span;
    span = next_span(span);
  }
  while (++list < gap_lists::count) {
    if (lists.heads[list] != 0) return lists.heads[list];
  }
  return 0;
}

/// Makes a span out of the pool the lane's, its gaps to be harvested next.
void adopt(lane& in, span_id span) noexcept {
  const checked<lane> ends(in);
  const granule_index end = span + span_length(span);
  forget_freed(span, end);
  std::uint32_t free = 0;
  for_each_free(span, end, [&](granule_index from, granule_index to) {
    wipe(granule_address(from), std::size_t{to - from} << granule_shift);
    free += to - from;
  });
  if (!in_first_blocks(span))
    span_info(page_of(span)).set_touched(donated_info(page_of(span)).pages());
  // What the lane uses of it, it is charged for as it does.
  if (!in_first_blocks(span)) add_to(in.others_granules, span_length(span));
  attach_span(in, span);
  marks_of(span) = span_mark::mixed;
  in.has_mixed = true;
  in.has_marks = true;
  in.carved_origin -= free;
  add_free(in, free);
  in.idle_granules += free;
  in.harvest_span = span;
  in.harvest_offset = 0;
  in.harvest_stop = next_span(span);
}

/// The next donated pages with such a gap behind those adopted last. What is filled
/// together then lies together, and what empties is long: the tables that describe it
/// go as well.
span_id find_near(std::uint32_t granules) noexcept {
  const page_index end =
      std::min(pool.near + most_pages_ahead, read_beside(region.small.committed));
  for (page_index page = pool.near; page < end; ++page) {
    const std::uint32_t owner = region.owners[page].load(std::memory_order_relaxed);
    if (kind_of(owner) == page_kind::donated && index_of(owner) >= granules) {
      return first_granule(page);
    }
  }
  return 0;
}

bool take_donated_from(lane& in, const gap_lists& lists, std::uint32_t granules) noexcept {
  const lock_guard guard(pool.guard, lock_rank::donations);
  const checked<donated_spans> ends(pool);
  const span_id near = &lists == &pool.spans ? find_near(granules) : 0;
  const span_id span = near != 0 ? near : find_gap(lists, granules);
  if (span == 0) return false;
  unlist(span);
  count(span, -1);
  if (!in_first_blocks(span)) pool.near = page_of(span) + donated_info(page_of(span)).pages();
  adopt(in, span);
  return true;
}

void free_in_first_block(granule_index block, size_class index) noexcept {
  const span_id span = block / first_block_granules * first_block_granules;
  const gap around =
      gap_around(block, block + class_granules[index], span, span + first_block_granules);
  if (around.end - around.begin < first_block_granules) {
    return note_gap(span, around.end - around.begin);
  }
  unlist(span);
  --pool.counts.first_blocks;
  give_first_block(span);
}

void free_in_pages(granule_index block, size_class index) noexcept {
  const span_id span = first_granule(donated_info(page_of(block)).first());
  const gap around =
      gap_around(block, block + class_granules[index], span, span + span_length(span));
  const page_index from = page_of(around.begin + page_granules - 1);
  if (from < page_of(around.end)) return cut_out(span, from, page_of(around.end));
  note_gap(span, around.end - around.begin);
}

}  // namespace

void donate_span(lane& in, span_id span, granule_index end, survivors& left) noexcept {
  const survivor_count count_now = mark_survivors(span, end);
  left.blocks += count_now.blocks;
  left.granules += count_now.granules;
  donate_rest(in, span, end);
}

void retire_span(lane& in, span_id span, granule_index end, survivors& left) noexcept {
  if (in_first_blocks(span) || (marks_of(span) & span_mark::mixed) != 0) {
    return donate_span(in, span, end, left);
  }
  if (forget_freed(span, end) == 0) return give_span(in, span);
  split_pages(span, end,
              [&](page_index first, std::uint32_t pages) { retire_pages(first, pages, left); });
}

void release_span(lane& in, span_id span, granule_index end) noexcept {
  if ((marks_of(span) & span_mark::mixed) == 0) return give_span(in, span);
  forget_live(span, end);
  donate_rest(in, span, end);
}

bool take_donated_span(lane& in, std::uint32_t granules) noexcept {
  if (!is_within_limit(in, std::uint64_t{granules} << granule_shift)) return false;
  return pool.listed_spans.load(std::memory_order_relaxed) != 0 &&
         take_donated_from(in, pool.spans, granules);
}

bool take_any_first_block(lane& in, std::uint32_t granules) noexcept {
  if (pool.listed_first_blocks.load(std::memory_order_relaxed) != 0 &&
      take_donated_from(in, pool.first_blocks, granules)) {
    return true;
  }
  return add_first_block(in);
}

void free_survivor(lane& in, granule_index block, size_class index) noexcept {
  wipe(granule_address(block), class_bytes(index));
  const std::uint32_t granules = class_granules[index];
  in.carved_origin -= granules;
  add_free(in, granules);
  if (in_first_blocks(block) || reserve_of_others(in, granules)) {
    push_free(in, block, granule_address(block), mark_of_class(index));
  } else {
    // The next sweep finds it, when it may be the lane's.
    region.granules[block] = freed_mark(mark_of_class(index));
    in.idle_granules += granules;
  }
}

free_result free_donated(granule_index block) noexcept {
  const lock_guard guard(pool.guard, lock_rank::donations);
  const checked<donated_spans> ends(pool);
  const std::uint32_t owner = owner_at(block).load(std::memory_order_relaxed);
  if (kind_of(owner) != page_kind::donated) return free_result::none;
  const std::atomic_ref mark(region.granules[block]);
  const std::uint8_t seen = mark.load(std::memory_order_relaxed);
  if ((seen & granule::live) == 0) die_of_bad_block(granule_address(block));
  const auto index = static_cast<std::uint8_t>(seen & granule::class_mask);
  mark.store(granule::freed | index, std::memory_order_relaxed);
  pool.counts.live_granules -= class_granules[index];
  if (in_first_blocks(block)) {
    free_in_first_block(block, index);
  } else {
    free_in_pages(block, index);
  }
  return free_result::survivor;
}

bool gathers_survivors() noexcept {
  const std::uint32_t spans = pool.spans_held.load(std::memory_order_relaxed) +
                              pool.listed_first_blocks.load(std::memory_order_relaxed);
  return spans >= many_spans || has_retired_pages();
}

bool has_donated_pages() noexcept { return pool.spans_held.load(std::memory_order_relaxed) != 0; }

donated_counts donated() noexcept {
  const lock_guard guard(pool.guard, lock_rank::donations);
  return pool.counts;
}

void lock_donations() noexcept { pool.guard.acquire(lock_rank::donations); }
void unlock_donations() noexcept { pool.guard.release(lock_rank::donations); }
void reset_donations() noexcept { pool.guard.reset(lock_rank::donations); }

void check_donations() noexcept {
  const lock_guard guard(pool.guard, lock_rank::donations);
  static_cast<void>(check_whole(pool));
}

}  // namespace connarena
