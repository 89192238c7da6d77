#include "arena/sweep.hpp"

#include <algorithm>

#include "arena/granules.hpp"
#include "arena/small_blocks.hpp"
#include "arena/spans.hpp"
#include "heap/page_heap.hpp"
#include "heap/retention.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

// Pages that empty between two reports of a lane that was swept.
constexpr std::uint32_t swept_step_pages = 16;

bool is_returned(page_index page) noexcept {
  return (region.infos[page].prev & span_mark::returned) != 0;
}

struct sweep_result {
  std::uint64_t wanted;             ///< pages still to be returned
  std::uint64_t returned = 0;
  std::uint32_t kept = 0;           ///< wholly free pages left resident
  std::uint32_t fewest_blocks = page_granules;  ///< in any page that is not free
};

/// Returns free pages to the system, as long as more are wanted.
void return_pages(page_index first, page_index end, sweep_result& result) noexcept {
  while (first < end) {
    if (is_returned(first)) {
      ++first;
      continue;
    }
    page_index last = first;
    while (last < end && !is_returned(last) && result.returned + (last - first) < result.wanted) {
      ++last;
    }
    if (first == last || !os::purge(page_address(first), std::size_t{last - first} << page_shift)) {
      break;
    }
    for (page_index page = first; page < last; ++page) {
      region.infos[page].prev |= span_mark::returned;
    }
    result.returned += last - first;
    first = last;
  }
  for (; first < end; ++first) result.kept += is_returned(first) ? 0 : 1;
}

/// Calls `take(first, end)` on the whole pages of each free stretch.
template <typename Take>
void for_each_free_page_run(granule_index from, granule_index to, Take take) noexcept {
  for_each_free(from, to, [&](granule_index gap, granule_index gap_end) {
    const page_index first = page_of(gap + page_granules - 1);
    if (first < page_of(gap_end)) take(first, page_of(gap_end));
  });
}

void sweep_span(lane& in, span_id span, sweep_result& result) noexcept {
  const granule_index end = span_end(in, span);
  for (granule_index from = span; from < end; from += page_granules) {
    const granule_index to = std::min(from + page_granules, end);
    const std::uint32_t blocks = forget_freed(from, to);
    if (blocks != 0) result.fewest_blocks = std::min(result.fewest_blocks, blocks);
  }
  if (in_slots(span)) return;
  for_each_free_page_run(span, end, [&](page_index first, page_index last) {
    return_pages(first, last, result);
  });
}

/// Pages that the bump pointer has not reached but an earlier use had touched.
void return_untouched(lane& in, sweep_result& result) noexcept {
  if (in.current == 0 || in_slots(in.current)) return;
  page_info& info = region.infos[page_of(in.current)];
  const std::uint32_t used = (in.bump - in.current + page_granules - 1) / page_granules;
  if (info.extra <= used) return;
  const page_index first = page_of(in.current) + used;
  const std::size_t bytes = std::size_t{info.extra - used} << page_shift;
  if (result.wanted <= result.returned || !os::purge(page_address(first), bytes)) {
    result.kept += info.extra - used;
    return;
  }
  result.returned += info.extra - used;
  info.extra = used;
}

void set_reported(lane& in, std::uint32_t pages) noexcept {
  retention::add_retained(std::int64_t{pages} - in.reported_pages);
  in.reported_pages = pages;
}

void relieve(lane& in) noexcept {
  if (retention::enforce()) return;
  const std::int64_t excess = retention::excess_pages();
  const std::uint32_t pages = in.small_pages.load(std::memory_order_relaxed);
  // A look at the whole lane is worth it for a 16th of it, or for some pages.
  if (excess > 0 && in.reported_pages >= std::min(pages / 16 + 1, retention::sweep_worth_pages())) {
    sweep(in, static_cast<std::uint64_t>(excess));
  }
}

}  // namespace

std::uint64_t sweep(lane& in, std::uint64_t most_purged_pages) noexcept {
  std::fill(std::begin(in.heads), std::end(in.heads), 0u);
  abandon_gap(in);
  sweep_result result{most_purged_pages};
  for (span_id span = in.spans; span != 0; span = next_span(span)) sweep_span(in, span, result);
  return_untouched(in, result);
  in.harvest_span = in.spans;
  in.harvest_offset = 0;
  in.harvest_stop = 0;
  in.idle_granules = in.bump - in.carved_origin - in.live_granules;
  in.kept_pages = result.kept;
  in.step_pages = swept_step_pages;
  in.step_granules = swept_step_pages * result.fewest_blocks;
  settle(in);
  return result.returned;
}

void settle(lane& in) noexcept {
  const std::uint32_t steps = reportable_granules(in) / in.step_granules;
  const std::uint32_t pages = in.small_pages.load(std::memory_order_relaxed);
  set_reported(in, std::min(in.kept_pages + steps * in.step_pages, pages));
  in.report_at = in.carved_origin + in.idle_granules + (steps + 1) * in.step_granules;
  const std::uint32_t live = in.live_granules / page_granules;
  retention::add_live(std::int64_t{live} - in.counted_live);
  in.counted_live = live;
}

[[gnu::noinline]] void report(lane& in) noexcept {
  settle(in);
  if (retention::excess_pages() > 0) relieve(in);
}

void close_account(lane& in) noexcept {
  set_reported(in, 0);
  retention::add_live(-std::int64_t{in.counted_live});
  in.counted_live = 0;
}

std::uint64_t count_free_pages(const lane& in) noexcept {
  std::uint64_t pages = 0;
  for (span_id span = in.spans; span != 0; span = next_span(span)) {
    if (in_slots(span)) continue;
    for_each_free_page_run(span, span_end(in, span), [&](page_index first, page_index end) {
      for (; first < end; ++first) pages += is_returned(first) ? 0 : 1;
    });
  }
  return pages;
}

}  // namespace connarena
