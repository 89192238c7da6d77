#include "arena/live_blocks.hpp"

#include "arena/arenas.hpp"
#include "arena/lane/access.hpp"
#include "arena/runs/runs.hpp"
#include "arena/small/granules.hpp"
#include "arena/small/outboxes.hpp"
#include "arena/small/small_blocks.hpp"
#include "arena/small/spans.hpp"

namespace connarena {
namespace {

/// Pre: the caller is inside the lane.
void see_small_blocks(lane& in, see_block see, void* context) noexcept {
  collect_all_remote(in);
  for (span_id span = in.spans; span != 0; span = next_span(span)) {
    const granule_index end = span_end(in, span);
    for (granule_index at = next_mark(span, end); at < end; at = next_mark(at + 1, end)) {
      const std::uint8_t mark = mark_at(at);
      const auto index = static_cast<size_class>(mark & granule::class_mask);
      if (mark == (granule::live | index)) see(context, granule_address(at), class_bytes(index));
    }
  }
}

}  // namespace

void for_each_live_block(lane& first, connarena_t handle, see_block see, void* context) noexcept {
  const visit visiting(first);
  if (!is_of(first, handle)) return;
  see_small_blocks(first, see, context);
  if (lane* const second = second_of(first)) {
    const visit visiting_second(*second, visit_to::look, lock_rank::second_lane);
    see_small_blocks(*second, see, context);
  }
  for_each_run(first, see, context);
}

}  // namespace connarena
