#include "arena/small/faults.hpp"

#include "arena/runs/run.hpp"
#include "arena/runs/run_marks.hpp"
#include "arena/small/granules.hpp"
#include "base/checks.hpp"
#include "heap/retirement.hpp"

namespace connarena {
namespace {

bool is_freed(std::uint8_t mark) noexcept {
  const std::uint8_t state = mark & granule::state_mask;
  return state == granule::freed || state == granule::remote || state == granule::remote_survivor;
}

[[noreturn]] void die_of_small(granule_index block) noexcept {
  const void* const address = granule_address(block);
  const bool in_use = in_first_blocks(block) ? page_of(block) < region.slots.committed
                                             : page_of(block) < region.small.committed;
  if (!in_use) die_not_a_block(address);
  const page_kind kind = kind_of(owner_at(block).load(std::memory_order_relaxed));
  if (kind != page_kind::small && kind != page_kind::donated) die_released(address);
  if (is_freed(mark_at(block))) die_double_free(address);
  if (kind == page_kind::small && mark_at(block) == 0) {
    const lane& of = lane_at(index_of(owner_at(block).load(std::memory_order_relaxed)));
    if (of.is_released || of.generation.load(std::memory_order_relaxed) == 0) die_released(address);
  }
  die_not_a_block(address);
}

[[noreturn]] void die_of_run(const void* block) noexcept {
  const quarter_index at = quarter_at(block);
  const bool in_use = in_runs(block) &&
                      (at.unit < region.runs.committed ||
                       (at.unit >= region.base_runs.begin && at.unit < region.base_runs.committed));
  if (!in_use || !may_start_block(block) || run_around(at)) {
    die_not_a_block(block);
  }
  const std::uint32_t owner = owner_at(at).load(std::memory_order_relaxed);
  if (kind_of(owner) == page_kind::guard) die_not_a_block(block);
  if (was_released(owner)) die_released(block);
  die_double_free(block);
}

}  // namespace

[[gnu::cold]] void die_of_bad_block(const void* block) noexcept {
  if (!in_region(block)) die_not_a_block(block);
  if (is_retired(unit_at(block))) die_retired(block);
  if (const std::size_t at = granule_at(block); is_small(at)) {
    die_of_small(static_cast<granule_index>(at));
  }
  die_of_run(block);
}

[[gnu::cold]] void die_of_bad_free(std::uint32_t lane_index, const void* block,
                                   std::size_t size_bytes) noexcept {
  if (!in_region(block)) die_wrong_arena(block);
  const std::size_t at = granule_at(block);
  std::uint32_t owner = 0;
  bool is_live = false;
  if (is_small(at)) {
    const auto granule = static_cast<granule_index>(at);
    owner = owner_at(granule).load(std::memory_order_relaxed);
    is_live = kind_of(owner) == page_kind::small && (mark_at(granule) & granule::live) != 0;
  } else if (const quarter_index run = run_of_block(block)) {
    owner = owner_at(run).load(std::memory_order_relaxed);
    is_live = true;
  }
  if (!is_live) die_of_bad_block(block);
  if (lane_at(index_of(owner)).first_lane != lane_index) die_wrong_arena(block);
  die_wrong_size(block, size_bytes);
}

}  // namespace connarena
