#include "arena/warm_lanes.hpp"

#include <algorithm>

#include "arena/lane/check_lane.hpp"
#include "arena/small/donation.hpp"
#include "arena/small/fresh_spans.hpp"
#include "arena/small/granules.hpp"
#include "arena/small/small_blocks.hpp"
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

/// Bytes of spare pages that a thread has cached are a lane's from here on, as others see it,
/// or the thread's again. False if all threads have been told. Pre: the thread has an identity.
bool move_to_thread(thread_slot& self, std::int32_t bytes, std::int64_t lane_bytes,
                    bool any_thread) noexcept {
  self.warm_bytes += static_cast<std::uint32_t>(bytes);
  self.cached_bytes += static_cast<std::uint32_t>(bytes);
  return add_live_and_in_lanes(self, bytes, lane_bytes, any_thread);
}

void move_to_lane(lane& in, thread_slot& self, bool any_thread) noexcept {
  // Of an arena for one thread nobody else could return it before that reports.
  if (!any_thread && retention::excess_in_own_lanes() > 0) [[unlikely]] {
    count(self, -spare_bytes(in));
    return give_spare(in);
  }
  const std::int32_t bytes = spare_bytes(in);
  static_cast<void>(move_to_thread(self, -bytes, bytes, any_thread));
  in.reported_pages = in.kept_pages;
}

bool has_room(const thread_slot& self, std::uint32_t bytes) noexcept {
  return self.warm_bytes + bytes <= self.most_cached_bytes / warm_fraction &&
         self.cached_bytes + bytes <= self.most_cached_bytes;
}

/// Leading pages of a span that may hold data by now, if the bump pointer ends at `end` in it.
std::uint32_t touched_up_to(const span_info& pages, span_id span, granule_index end) noexcept {
  const std::uint32_t used = (end - span + page_granules - 1) / page_granules;
  if (used > pages.touched()) pages.set_touched(used);
  return pages.touched();
}

/// The spans of a lane that has only what is kept, as those of short connections do. Else, too
/// where the thread has no room for it, without a first block or pages that are there.
[[gnu::always_inline]] inline bool has_few(const lane& in, const thread_slot& self,
                                           fresh_spans& all) noexcept {
  all.first_block = in.spans;
  if (!in_first_blocks(in.spans)) {
    const span_info info(page_of(in.spans));
    const std::uint32_t touched =
        in.spans == in.current ? touched_up_to(info, in.spans, in.bump) : info.touched();
    if (!has_room(self, touched << page_shift)) return false;
    all = {info.next(), in.spans};
  }
  const span_id last = all.first_block;
  return last == 0 || (in_first_blocks(last) && next_span(last) == 0);
}

std::uint32_t touched_bytes(span_id pages) noexcept {
  return span_info(page_of(pages)).touched() << page_shift;
}

/// Takes off the lane's list what is kept, which the thread then has, and gives the rest back:
/// where it has room beside that, to it as well.
[[gnu::noinline]] fresh_spans keep_newest(lane& in, thread_slot& self) noexcept {
  fresh_spans kept;
  while (const span_id span = take_first_span(in)) {
    if (in_first_blocks(span)) {
      kept.first_block = span;
    } else if (kept.pages == 0 && has_room(self, touched_bytes(span))) {
      kept.pages = span;
      count(self, static_cast<std::int32_t>(touched_bytes(span)));
    } else {
      give_span(in, span);
    }
  }
  return kept;
}

}  // namespace

plain_end end_plain(lane& in, thread_slot& self) noexcept {
  const bool is_alone = !in.has_outboxes.load(std::memory_order_relaxed) &&
                        in.remote.load(std::memory_order_relaxed) == 0;
  if (!in.is_plain || !is_alone || !has_place(self)) return plain_end::not_done;
  const bool has_entered_pages = !in_first_blocks(in.current);
  const span_id pages = has_entered_pages ? in.current : spare_of(in);
  std::uint32_t bytes = 0;
  if (pages != 0) {
    const span_info info(page_of(pages));
    if (has_entered_pages) touched_up_to(info, pages, in.bump);
    bytes = info.touched() << page_shift;
    if (!has_room(self, bytes)) return plain_end::not_done;
  }
  // A fork may come at any time: a child does not look into a closed lane.
  close_lane(in);
  std::atomic_signal_fence(std::memory_order_release);
  if (in.counted_live != 0) [[unlikely]]
    close_account(in);
  if (has_entered_pages) {
    __builtin_memset(region.granules + pages, 0, in.bump - pages);
    detail::leave_pages(in, pages);
  }
  __builtin_memset(region.granules + in.current, 0, first_block_granules);
  // Where nothing is free no list has a block. What an aligned block left is free, too.
  if (free_granules(in) != 0) detail::forget_lists(in);
  in.bump = in.current;
  in.until_report = page_granules;
  in.report_mark = page_granules;
  const std::int64_t reported_bytes = std::int64_t{in.reported_pages} << page_shift;
  in.reported_pages = 0;
  const bool is_quiet =
      move_to_thread(self, static_cast<std::int32_t>(bytes), -reported_bytes, in.any_thread);
  // Pushed by who had no right to: it is found.
  collect_remote(in);
  check(in);
  return is_quiet ? plain_end::quiet : plain_end::told;
}

void become_warm(lane& in, thread_slot& self) noexcept {
  const span_id current = in.current;
  const span_id spare = spare_of(in);
  const granule_index current_end = in.bump;
  // A fork may come at any time: a child does not look into a closed lane.
  close_lane(in);
  std::atomic_signal_fence(std::memory_order_release);
  fresh_spans kept;
  if (!has_few(in, self, kept)) [[unlikely]] {
    leave_current(in, in.bump);
    kept = keep_newest(in, self);
  } else if (kept.pages != 0) {
    count(self, static_cast<std::int32_t>(touched_bytes(kept.pages)));
  }
  if (kept.first_block != 0) {
    __builtin_memset(region.granules + kept.first_block, 0, first_block_granules);
  }
  if (kept.pages != 0 && kept.pages != spare) {
    const granule_index end =
        kept.pages == current ? current_end : kept.pages + span_length(kept.pages);
    __builtin_memset(region.granules + kept.pages, 0, end - kept.pages);
  }
  begin_with(in, kept);
  check(in);
}

/// Makes a warm lane one that has nothing, and gives its place back.
[[gnu::noinline]] void detail::cool(lane& in, thread_slot& self) noexcept {
  count(self, -spare_bytes(in));
  give_spans(in);
  give_place(place::lane, in.index);
}

lane* take_warm(thread_slot& self, bool any_thread) noexcept {
  if (self.warm.count == 0 || (any_thread && gathers_survivors())) return nullptr;
  lane& in = lane_at(self.warm.indices[--self.warm.count]);
  self.least_warm = std::min(self.least_warm, self.warm.count);
  if (in.has_spare) move_to_lane(in, self, any_thread);
  if (in.current != 0) wipe(granule_address(in.current), slot_bytes);
  return &in;
}

void give_back_unwanted(thread_slot& self, std::uint32_t epoch) noexcept {
  if (self.warm_epoch == epoch) return;
  self.warm_epoch = epoch;
  // Those kept longest lie below.
  index_stack& warm = self.warm;
  const std::uint32_t unwanted = std::min(self.least_warm, warm.count);
  for (std::uint32_t i = 0; i < unwanted; ++i) detail::cool(lane_at(warm.indices[i]), self);
  warm.count -= unwanted;
  std::copy_n(warm.indices + unwanted, warm.count, warm.indices);
  self.least_warm = warm.count;
}

void detail::give_back_warm(thread_slot& slot) noexcept {
  while (slot.warm.count > 0) detail::cool(lane_at(slot.warm.indices[--slot.warm.count]), slot);
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
