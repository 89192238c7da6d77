// check_small_blocks.cpp - what the lists and tables of a lane say about its formulas.
#include "arena/lane/check_lane.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/small/granules.hpp"
#include "arena/small/small_blocks.hpp"
#include "arena/small/spans.hpp"

namespace connarena {
namespace {

constexpr std::uint64_t steps_a_page = 32;

/// Sums over the spans of a lane.
struct span_sums {
  std::uint32_t carved = 0;
  std::uint32_t live = 0;
  std::uint32_t freed_blocks = 0;
  std::uint32_t pages = 0;
  bool has_current = false;
  bool has_harvest = false;
};

std::uint32_t pages_of(span_id span) noexcept {
  return in_first_blocks(span) ? 0 : span_length(span) / page_granules;
}

/// Each block ends in its span before the next one starts, and is in a state there is.
/// Gives how many are freed.
std::uint32_t check_blocks(span_id span, granule_index end) noexcept {
  std::uint32_t freed = 0;
  for (granule_index at = next_mark(span, end); at < end;) {
    const std::uint8_t mark = mark_at(at);
    const auto index = static_cast<size_class>(mark & granule::class_mask);
    CONNARENA_DCHECK(index < class_count);
    CONNARENA_DCHECK((mark & granule::state_mask) != 0);
    const granule_index block_end = at + class_granules[index];
    CONNARENA_DCHECK(block_end <= end);
    CONNARENA_DCHECK(next_mark(at + 1, block_end) == block_end);
    if ((mark & granule::state_mask) == granule::freed) ++freed;
    at = next_mark(block_end, end);
  }
  return freed;
}

void check_owners(const lane& in, span_id span) noexcept {
  const granule_index end = span + span_length(span);
  const granule_index step = in_first_blocks(span) ? first_block_granules : page_granules;
  for (granule_index at = span; at < end; at += step) {
    CONNARENA_DCHECK(owner_at(at).load(std::memory_order_relaxed) == in.tag);
  }
}

void check_span(const lane& in, span_id span, span_sums& sums) noexcept {
  check_owners(in, span);
  const granule_index end = span_end(in, span);
  const occupied_count occupied = count_occupied(span, end);
  sums.freed_blocks += check_blocks(span, end);
  sums.carved += end - span - occupied.of_survivors;
  sums.live += occupied.of_others;
  if (span != spare_of(in)) sums.pages += pages_of(span);
  sums.has_current |= span == in.current;
  sums.has_harvest |= span == in.harvest_span;
  const std::uint32_t marks = marks_of(span);
  CONNARENA_DCHECK(marks == 0 || in.has_marks);
  CONNARENA_DCHECK((marks & span_mark::mixed) == 0 || in.has_mixed);
}

/// A block on a list is freed, of its class and on the lane's own pages, and on no other
/// list: there are as many as the table has.
std::uint32_t check_list(const lane& in, size_class index, std::uint32_t most) noexcept {
  std::uint32_t blocks = 0;
  for (granule_index block = in.heads[index]; block != 0;) {
    CONNARENA_DCHECK(++blocks <= most);
    CONNARENA_DCHECK(mark_at(block) == freed_mark(mark_of_class(index)));
    CONNARENA_DCHECK(owner_at(block).load(std::memory_order_relaxed) == in.tag);
    const std::uint64_t next = read_link(granule_address(block));
    CONNARENA_DCHECK(is_small(next));
    block = static_cast<granule_index>(next);
  }
  return blocks;
}

void check_lists(const lane& in, std::uint32_t freed_blocks) noexcept {
  std::uint32_t listed = 0;
  std::uint32_t granules = 0;
  for (std::size_t index = 0; index < class_count; ++index) {
    const std::uint32_t blocks = check_list(in, static_cast<size_class>(index), freed_blocks);
    listed += blocks;
    granules += blocks * class_granules[index];
  }
  // A survivor that was freed where the limit had no room for it waits for a sweep.
  CONNARENA_DCHECK(listed == freed_blocks || (listed < freed_blocks && has_limit(in)));
  CONNARENA_DCHECK(granules + in.idle_granules <= free_granules(in));
}

}  // namespace

std::uint64_t check_whole(const lane& in) noexcept {
  if (!checks_invariants) return 0;
  span_sums sums;
  check(in);
  for (span_id span = in.spans; span != 0; span = next_span(span)) check_span(in, span, sums);
  CONNARENA_DCHECK(sums.has_current == (in.current != 0));
  CONNARENA_DCHECK(sums.has_harvest || in.harvest_span == in.harvest_stop);
  CONNARENA_DCHECK(sums.pages == in.small_pages);
  CONNARENA_DCHECK(next_mark(in.bump, in.bump_end) == in.bump_end);
  // A gap that the bump pointer moves through was carved before: it counts again as it moves.
  const std::uint32_t again = in.current == 0 ? in.bump_end - in.bump : 0;
  CONNARENA_DCHECK(sums.carved - again == carved_granules(in));
  CONNARENA_DCHECK(sums.live == live_granules(in));
  check_lists(in, sums.freed_blocks);
  return sums.freed_blocks + std::uint64_t{sums.pages} * steps_a_page;
}

}  // namespace connarena
