#include "arena/small/sweep.hpp"

#include <algorithm>

#include "arena/lane/access.hpp"
#include "arena/lane/check_lane.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/lane/idle_lanes.hpp"
#include "arena/small/fresh_spans.hpp"
#include "arena/small/granules.hpp"
#include "arena/small/small_blocks.hpp"
#include "arena/small/spans.hpp"
#include "heap/page_heap.hpp"
#include "heap/page_infos.hpp"
#include "heap/retention.hpp"
#include "heap/thread_cache.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

/// Whether the system has the page of its own that starts there: nothing of it was used
/// since it went.
bool is_returned(page_index first) noexcept {
  for (page_index page = first; page < first + units_a_page(region.small); ++page) {
    if ((span_info(page).marks() & span_mark::returned) == 0) return false;
  }
  return true;
}

/// A look at the whole lane costs some 30 ns a page; it is worth that for this
/// many pages returned, which cost a microsecond each.
std::uint32_t worth_pages(const lane& in) noexcept {
  return in.small_pages.load(std::memory_order_relaxed) / 64 + 1;
}

// What may wait for a look when those before it found little: 1 MiB.
constexpr std::uint32_t most_step_pages = 256;

/// The step after a look. Where much dies on pages on which something lives on, one
/// look after the other would find nothing: the next one comes half as often, as long
/// as no more than a 16th of the pages has to wait for it.
std::uint32_t next_step_pages(const lane& in, bool found_little) noexcept {
  const std::uint32_t worth = worth_pages(in);
  if (!found_little) return worth;
  const std::uint32_t most =
      std::min(in.small_pages.load(std::memory_order_relaxed) / 16, most_step_pages);
  return std::max(worth, std::min(2 * in.step_pages, most));
}

/// Pages by how much is alive on them.
class fullness {
 public:
  void count(std::uint32_t live_granules) noexcept {
    if (live_granules != 0) ++pages_[std::min(live_granules, page_granules)];
  }
  /// Freeing fewer granules than this empties less than so many pages.
  [[nodiscard]] std::uint32_t granules_to_empty(std::uint32_t pages) const noexcept {
    std::uint32_t granules = 0;
    for (std::uint32_t live = 1; live <= page_granules && pages > 0; ++live) {
      const std::uint32_t taken = std::min(pages, pages_[live]);
      granules += taken * live;
      pages -= taken;
    }
    return std::max(granules, 1u);
  }

 private:
  std::uint32_t pages_[page_granules + 1]{};
};

struct sweep_result {
  std::uint64_t wanted;  ///< pages still to be returned
  std::uint64_t returned = 0;
  std::uint32_t kept = 0;    ///< wholly free pages left resident
  std::uint32_t others = 0;  ///< granules of pages with survivors of others, but for own blocks
  fullness left{};
};

/// Returns free pages to the system, as long as more are wanted. Pre: they are whole ones
/// of the system.
void return_pages(page_index first, page_index end, sweep_result& result) noexcept {
  const std::uint32_t step = units_a_page(region.small);
  while (first < end) {
    if (is_returned(first)) {
      first += step;
      continue;
    }
    page_index last = first;
    while (last < end && !is_returned(last) && result.returned + (last - first) < result.wanted) {
      last += step;
    }
    if (first == last || !os::purge(page_address(first), std::size_t{last - first} << page_shift)) {
      break;
    }
    for (page_index page = first; page < last; ++page) {
      span_info(page).marks() |= span_mark::returned;
    }
    result.returned += last - first;
    first = last;
  }
  for (; first < end; first += step) result.kept += is_returned(first) ? 0 : step;
}

/// Calls `take(first, end)` on the whole pages of the system in each free stretch: the rest
/// is slack.
template <typename Take>
void for_each_free_page_run(granule_index from, granule_index to, Take take) noexcept {
  for_each_free(from, to, [&](granule_index gap, granule_index gap_end) {
    if (page_of(gap + page_granules - 1) >= page_of(gap_end)) return;
    const page_index first = whole_pages_end(region.small, page_of(gap + page_granules - 1));
    const page_index end = whole_pages_begin(region.small, page_of(gap_end));
    if (first < end) take(first, end);
  });
}

/// False if nothing lives in the span, and the bump pointer is not in it or is to leave it.
bool sweep_span(lane& in, span_id span, sweep_result& result) noexcept {
  const granule_index end = span_end(in, span);
  std::uint32_t occupied = 0;
  for (granule_index from = span; from < end; from += page_granules) {
    const std::uint32_t live = forget_freed(from, std::min(from + page_granules, end));
    result.left.count(live);
    occupied += live;
  }
  if (occupied == 0 && (span != in.current || result.wanted != 0)) return false;
  if (in_first_blocks(span)) return true;
  if ((marks_of(span) & span_mark::mixed) != 0) {
    result.others += span_length(span) - count_occupied(span, end).of_others;
  }
  for_each_free_page_run(
      span, end, [&](page_index first, page_index last) { return_pages(first, last, result); });
  return true;
}

/// The bump pointer leaves the current span: what it has not reached was never carved.
void abandon_current(lane& in) noexcept {
  const std::uint32_t carved = carved_granules(in);
  leave_current(in, in.bump);
  in.bump = 0;
  in.bump_end = 0;
  in.carved_origin = -carved;
}

/// Gives a span back that was taken off the lane's list.
void drop_span(lane& in, span_id span, was before) noexcept {
  const std::uint32_t length = span_length(span);
  const std::uint32_t carved = span_end(in, span) - span;
  note_peak_before_fewer_spans(in);
  if (span == in.current) abandon_current(in);
  in.carved_origin += carved;
  add_free(in, -carved);
  if (!in_first_blocks(span)) add_to(in.small_pages, -(length / page_granules));
  give_span(in, span, before);
}

/// Pages that the bump pointer has not reached but an earlier use had touched: but for those
/// on its own page of the system.
void return_untouched(lane& in, sweep_result& result) noexcept {
  if (in.current == 0 || in_first_blocks(in.current)) return;
  const page_index span = page_of(in.current);
  const span_info info(span);
  const page_index first =
      whole_pages_end(region.small, page_of(in.bump + page_granules - 1)) - span;
  if (info.touched() <= first) return;
  const std::uint32_t pages = info.touched() - first;
  if (result.wanted <= result.returned || !purge_units(span + first, pages)) {
    result.kept += pages;
    return;
  }
  result.returned += pages;
  info.set_touched(first);
}

/// The lane's words may be of a moment before the bump pointer came to it.
void forget_used_spare(lane& in) noexcept {
  if (!in.has_spare) return;
  const granule_index end = in.spans + span_length(in.spans);
  if (next_mark(in.spans, end) < end) in.has_spare = false;
}

void set_report_mark(lane& in, std::uint32_t mark, std::uint32_t free) noexcept {
  in.report_mark = mark;
  in.until_report = static_cast<std::int32_t>(mark - free);
}

void count_live(lane& in, std::uint32_t pages) noexcept {
  add_live(this_thread(), (std::int64_t{pages} - in.counted_live) << page_shift);
  in.counted_live = pages;
}

void set_reported(lane& in, std::uint32_t pages) noexcept {
  if (pages == in.reported_pages) return;
  retention::add_in_lanes((std::int64_t{pages} - in.reported_pages) << page_shift, in.any_thread);
  in.reported_pages = pages;
  if (pages != 0) note_idle(in);
}

/// A lane in which nothing lives gives all it has back, without a look at it.
void give_all(lane& in) noexcept {
  give_spans(in);
  leave_spans(in);
  update_account(in);
}

/// What is idle is returned when it has not been wanted for a while: see idle_lanes.hpp. Of
/// an arena for one thread nobody else can return it where the system has no fences.
void relieve(lane& in) noexcept {
  const bool can_others = in.any_thread || owners_possible();
  const std::int64_t excess = can_others ? 0 : retention::excess_in_own_lanes();
  const bool is_due = excess > 0 || in.step_pages != 1;
  if (is_due && live_granules(in) == 0 && !in.has_mixed) return give_all(in);
  if (excess > 0 && in.reported_pages >= worth_pages(in)) {
    sweep(in, pages_for(static_cast<std::size_t>(excess)));
  }
}

}  // namespace

bool shed(lane& in) noexcept {
  const auto freed = static_cast<std::uint32_t>(in.deallocations) - in.shed_at;
  if (freed == 0 || freed < in.small_pages.load(std::memory_order_relaxed) / 32) return false;
  in.shed_at = static_cast<std::uint32_t>(in.deallocations);
  if (live_granules(in) == 0 && !in.has_mixed) {
    give_all(in);
  } else {
    sweep(in, 0);
  }
  return true;
}

std::uint64_t sweep(lane& in, std::uint64_t most_purged_pages) noexcept {
  std::fill(std::begin(in.heads), std::end(in.heads), 0u);
  in.is_plain = false;
  abandon_gap(in);
  const std::uint64_t held_before = span_bytes(in);
  const was before = most_purged_pages != 0 ? was::idle : was::in_use;
  give_spare(in, before);
  sweep_result result{most_purged_pages};
  if (most_purged_pages != 0) in.has_marks = true;
  std::uint32_t* link = &in.spans;
  while (const span_id span = *link) {
    if (sweep_span(in, span, result)) {
      link = &next_span(span);
    } else {
      *link = next_span(span);
      drop_span(in, span, before);
    }
  }
  in.others_granules.store(result.others, std::memory_order_relaxed);
  give_up(in, held_before - span_bytes(in));
  return_untouched(in, result);
  in.harvest_span = in.spans;
  in.harvest_offset = 0;
  in.harvest_stop = 0;
  in.idle_granules = free_granules(in);
  in.kept_pages = result.kept;
  const bool found_little = most_purged_pages != 0 && result.returned < worth_pages(in);
  in.step_pages = next_step_pages(in, found_little);
  in.step_granules = result.left.granules_to_empty(in.step_pages);
  update_account(in);
  look_at(in);
  return result.returned;
}

void recount(lane& in) noexcept {
  // What other threads had freed is free: the list of it may be of another moment.
  in.remote.store(0, std::memory_order_relaxed);
  in.is_plain = false;
  forget_used_spare(in);
  abandon_gap(in);
  std::uint32_t pages = 0;
  std::uint32_t carved = 0;
  std::uint32_t live = 0;
  std::uint32_t others = 0;
  for (span_id span = in.spans; span != 0; span = next_span(span)) {
    const granule_index end = span_end(in, span);
    finish_frees(span, end);
    const occupied_count occupied = count_occupied(span, end);
    carved += end - span - occupied.of_survivors;
    live += occupied.of_others;
    if (in_first_blocks(span) || span == spare_of(in)) continue;
    pages += span_length(span) / page_granules;
    if ((marks_of(span) & span_mark::mixed) != 0) others += end - span - occupied.of_others;
  }
  in.carved_origin = in.bump - carved;
  set_report_mark(in, in.report_mark, carved - live);
  in.small_pages.store(pages, std::memory_order_relaxed);
  in.others_granules.store(others, std::memory_order_relaxed);
}

void update_account(lane& in) noexcept {
  const std::uint32_t free = free_granules(in);
  // Most lanes have less free than would be a step: no division then.
  const std::uint32_t known = free - in.idle_granules;
  const std::uint32_t steps = known < in.step_granules ? 0 : known / in.step_granules;
  const std::uint32_t pages = in.small_pages.load(std::memory_order_relaxed);
  set_reported(in, std::min(in.kept_pages + steps * in.step_pages, pages + touched_spare(in)));
  std::uint32_t mark = in.idle_granules + (steps + 1) * in.step_granules;
  // That nothing lives any more is not to go unnoticed between long steps.
  if (in.step_pages != 1) mark = std::min(mark, carved_granules(in) - 1);
  set_report_mark(in, mark, free);
  const std::uint32_t live = live_granules(in) / page_granules;
  if (live != in.counted_live) count_live(in, live);
}

[[gnu::noinline]] void report_free(lane& in) noexcept {
  const checked<lane> ends(in);
  update_account(in);
  relieve(in);
}

void close_account(lane& in) noexcept {
  set_reported(in, 0);
  if (in.counted_live != 0) count_live(in, 0);
}

std::uint64_t count_free_pages(const lane& in) noexcept {
  std::uint64_t pages = touched_spare(in);
  for (span_id span = in.spans; span != 0; span = next_span(span)) {
    if (in_first_blocks(span)) continue;
    for_each_free_page_run(span, span_end(in, span), [&](page_index first, page_index end) {
      const std::uint32_t step = units_a_page(region.small);
      for (; first < end; first += step) pages += is_returned(first) ? 0 : step;
    });
  }
  return pages;
}

}  // namespace connarena
