#include "arena/warm_lanes.hpp"

#include <algorithm>

#include "arena/lane/check_lane.hpp"
#include "arena/small/donation.hpp"
#include "arena/small/granules.hpp"
#include "arena/small/spans.hpp"
#include "arena/small/sweep.hpp"
#include "heap/hardening.hpp"
#include "heap/page_infos.hpp"
#include "heap/retention.hpp"
#include "heap/slot_pool.hpp"
#include "heap/thread_cache.hpp"

namespace connarena {
namespace {

// Of what a thread may keep; runs shall find room, too.
constexpr std::uint32_t warm_fraction = 4;

std::int32_t spare_bytes(const lane& in) noexcept {
  return static_cast<std::int32_t>(touched_spare(in) << page_shift);
}

/// What a thread caches counts as live in its batch: see heap/threads.hpp.
void count(thread_slot& self, std::int32_t bytes) noexcept {
  self.warm_bytes += static_cast<std::uint32_t>(bytes);
  self.cached_bytes += static_cast<std::uint32_t>(bytes);
  add_live(self, bytes);
}

bool has_room(const thread_slot& self, std::uint32_t bytes) noexcept {
  return self.warm_bytes + bytes <= self.most_cached_bytes / warm_fraction &&
         self.cached_bytes + bytes <= self.most_cached_bytes;
}

/// What is kept of a lane's spans.
struct kept_spans {
  span_id first_block = 0;
  span_id pages = 0;
};

/// Whether a lane has, in its list, only what is kept: so have those of short connections.
bool keeps_all(const lane& in, const thread_slot& self) noexcept {
  span_id first_block = in.spans;
  if (!in_first_blocks(first_block)) {
    if (!has_room(self, span_info(page_of(first_block)).touched() << page_shift)) return false;
    first_block = next_span(first_block);
  }
  return first_block == 0 || (in_first_blocks(first_block) && next_span(first_block) == 0);
}

/// Takes off the lane's list what is kept, and gives the rest back.
kept_spans keep_newest(lane& in, const thread_slot& self) noexcept {
  if (keeps_all(in, self)) [[likely]] {
    const span_id newest = in.spans;
    return in_first_blocks(newest) ? kept_spans{newest, 0} : kept_spans{next_span(newest), newest};
  }
  kept_spans kept;
  while (const span_id span = take_first_span(in)) {
    if (in_first_blocks(span)) {
      kept.first_block = span;
    } else if (kept.pages == 0 &&
               has_room(self, span_info(page_of(span)).touched() << page_shift)) {
      kept.pages = span;
    } else {
      give_span(in, span);
    }
  }
  return kept;
}

void link(lane& in, const kept_spans& kept) noexcept {
  if (kept.first_block != 0) {
    if (next_span(kept.first_block) != 0) next_span(kept.first_block) = 0;
    in.spans = kept.first_block;
    in.current = kept.first_block;
    in.bump = kept.first_block;
    in.bump_end = kept.first_block + first_block_granules;
    in.carved_origin = kept.first_block;
  }
  if (kept.pages != 0) {
    const span_info info(page_of(kept.pages));
    info.next() = in.spans;
    in.spans = kept.pages;
    in.has_spare = true;
    in.kept_pages = info.touched();
  }
}

/// Makes a warm lane one that has nothing, and gives its place back.
void cool(lane& in, thread_slot& self) noexcept {
  count(self, -spare_bytes(in));
  give_spans(in);
  give_place(place::lane, in.index);
}

}  // namespace

void become_warm(lane& in, thread_slot& self) noexcept {
  const span_id current = in.current;
  const span_id spare = spare_of(in);
  const granule_index current_end = in.bump;
  // A fork may come at any time: a child does not look into a closed lane.
  close_lane(in);
  std::atomic_signal_fence(std::memory_order_release);
  leave_current(in, in.bump);
  const kept_spans kept = keep_newest(in, self);
  if (kept.first_block != 0) {
    __builtin_memset(region.granules + kept.first_block, 0, first_block_granules);
  }
  if (kept.pages != 0 && kept.pages != spare) {
    const granule_index end =
        kept.pages == current ? current_end : kept.pages + span_length(kept.pages);
    __builtin_memset(region.granules + kept.pages, 0, end - kept.pages);
  }
  forget_spans(in);
  link(in, kept);
  if (in.has_spare) count(self, spare_bytes(in));
  check(in);
}

void keep_warm(lane& in, thread_slot& self) noexcept {
  if (self.warm.count == index_stack::room) return cool(in, self);
  self.warm.indices[self.warm.count++] = in.index;
}

lane* take_warm(thread_slot& self, bool any_thread) noexcept {
  if (self.warm.count == 0 || (any_thread && gathers_survivors())) return nullptr;
  lane& in = lane_at(self.warm.indices[--self.warm.count]);
  self.least_warm = std::min(self.least_warm, self.warm.count);
  if (in.has_spare) {
    count(self, -spare_bytes(in));
    // Of an arena for one thread nobody else could return it before that reports.
    if (!any_thread && retention::excess_in_own_lanes() > 0) give_spare(in);
  }
  if (in.current != 0) wipe(granule_address(in.current), slot_bytes);
  return &in;
}

void give_back_unwanted(thread_slot& self, std::uint32_t epoch) noexcept {
  if (self.warm_epoch == epoch) return;
  self.warm_epoch = epoch;
  // Those kept longest lie below.
  index_stack& warm = self.warm;
  const std::uint32_t unwanted = std::min(self.least_warm, warm.count);
  for (std::uint32_t i = 0; i < unwanted; ++i) cool(lane_at(warm.indices[i]), self);
  warm.count -= unwanted;
  std::copy_n(warm.indices + unwanted, warm.count, warm.indices);
  self.least_warm = warm.count;
}

void detail::give_back_warm(thread_slot& slot) noexcept {
  while (slot.warm.count > 0) cool(lane_at(slot.warm.indices[--slot.warm.count]), slot);
  slot.least_warm = 0;
}

void check_warm(const thread_slot& of) noexcept {
  std::uint32_t bytes = 0;
  for (std::uint32_t i = 0; i < of.warm.count; ++i) {
    const lane& each = lane_at(of.warm.indices[i]);
    CONNARENA_DCHECK(each.generation.load(std::memory_order_relaxed) == 0);
    CONNARENA_DCHECK(live_granules(each) == 0 && carved_granules(each) == 0);
    CONNARENA_DCHECK(each.reported_pages == 0 && each.counted_live == 0);
    for (span_id span = each.spans; span != 0; span = next_span(span)) {
      CONNARENA_DCHECK(next_mark(span, span + span_length(span)) == span + span_length(span));
    }
    static_cast<void>(check_whole(each));
    bytes += static_cast<std::uint32_t>(spare_bytes(each));
  }
  CONNARENA_DCHECK(bytes == of.warm_bytes && bytes <= of.cached_bytes);
}

}  // namespace connarena
