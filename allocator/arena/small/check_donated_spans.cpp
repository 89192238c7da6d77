#include "arena/small/donated_spans.hpp"

#include <algorithm>

#include "arena/small/spans.hpp"
#include "base/beside.hpp"
#include "heap/page_infos.hpp"

namespace connarena {
namespace {

constexpr std::uint64_t steps_a_page = 64;

bool is_donated(granule_index at) noexcept {
  return kind_of(owner_at(at).load(std::memory_order_relaxed)) == page_kind::donated;
}

/// What is listed is donated, and listed by its largest gap. Gives how many there are.
std::uint32_t check_lists(const gap_lists& lists) noexcept {
  std::uint32_t spans = 0;
  for (std::uint32_t list = 0; list < gap_lists::count; ++list) {
    span_id before = 0;
    for (span_id span = lists.heads[list]; span != 0; span = next_span(span)) {
      CONNARENA_DCHECK(is_donated(span));
      CONNARENA_DCHECK(prev_span(span) == before);
      const std::uint32_t gap = listed_gap(span);
      CONNARENA_DCHECK(gap >= least_listed_gap && gap == largest_gap(span));
      CONNARENA_DCHECK(std::min(gap_lists::list_of(gap), gap_lists::count - 1) == list);
      before = span;
      ++spans;
    }
  }
  return spans;
}

/// Granules that survivors cover. Of a span of pages each page says where it starts.
std::uint64_t check_span(span_id span) noexcept {
  const std::uint32_t length = span_length(span);
  const page_index first = in_first_blocks(span) ? 0 : page_of(span);
  for (page_index page = first; page < first + (in_first_blocks(span) ? 0 : length / page_granules);
       ++page) {
    CONNARENA_DCHECK(is_donated(first_granule(page)));
    CONNARENA_DCHECK(donated_info(page).first() == first);
  }
  const occupied_count occupied = count_occupied(span, span + length);
  CONNARENA_DCHECK(occupied.of_others == 0);
  return occupied.of_survivors;
}

}  // namespace

void check(const donated_spans& of) noexcept {
  if (!checks_invariants) return;
  const donated_counts& counts = of.counts;
  CONNARENA_DCHECK(of.listed_spans <= of.spans_held && of.spans_held <= counts.pages);
  CONNARENA_DCHECK(of.listed_first_blocks <= counts.first_blocks);
  CONNARENA_DCHECK(counts.live_granules <=
                   counts.pages * page_granules + counts.first_blocks * first_block_granules);
}

std::uint64_t check_whole(const donated_spans& of) noexcept {
  if (!checks_invariants) return 0;
  donated_counts seen{};
  check(of);
  CONNARENA_DCHECK(check_lists(of.spans) == of.listed_spans);
  CONNARENA_DCHECK(check_lists(of.first_blocks) == of.listed_first_blocks);
  std::uint32_t spans = 0;
  for (page_index page = region.small.begin; page < read_beside(region.small.committed);) {
    if (!is_donated(first_granule(page))) {
      ++page;
      continue;
    }
    seen.live_granules += check_span(first_granule(page));
    ++spans;
    seen.pages += donated_info(page).pages();
    page += donated_info(page).pages();
  }
  const granule_index slots_end = read_beside(region.slots.committed) * page_granules;
  for (span_id span = first_block_granules; span + first_block_granules <= slots_end;
       span += first_block_granules) {
    if (!is_donated(span)) continue;
    seen.live_granules += check_span(span);
    ++seen.first_blocks;
  }
  CONNARENA_DCHECK(spans == of.spans_held && seen.pages == of.counts.pages);
  CONNARENA_DCHECK(seen.first_blocks == of.counts.first_blocks);
  CONNARENA_DCHECK(seen.live_granules == of.counts.live_granules);
  return read_beside(region.small.committed) + seen.pages * steps_a_page + seen.first_blocks;
}

}  // namespace connarena
