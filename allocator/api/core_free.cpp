// core_free.cpp - frees: of a block that only its address tells about, and of one whose
// arena and size the caller knows.
#include <algorithm>

#include "api/core.hpp"
#include "api/core_of_lane.hpp"
#include "arena/any_thread_blocks.hpp"
#include "arena/arenas.hpp"
#include "arena/runs/kept_runs.hpp"
#include "arena/runs/run.hpp"
#include "arena/runs/runs.hpp"
#include "arena/small/faults.hpp"
#include "arena/small/granules.hpp"
#include "arena/small/remote_free.hpp"
#include "arena/small/small_blocks.hpp"
#include "base/checks.hpp"
#include "heap/retirement.hpp"
#include "heap/run_sizes.hpp"

namespace connarena::core {
namespace {

/// Whether a run has the length of one for a block of so many bytes, or has shrunk to it.
bool may_be_run_for(std::size_t size_bytes, std::size_t usable) noexcept {
  if (size_bytes > usable / 2) return true;
  const std::uint32_t shortest = quarters_for(std::max(size_bytes, page_bytes));
  return usable <= std::size_t{shortest} << quarter_shift;
}

bool has_size(const void* block, std::size_t size_bytes) noexcept {
  const std::size_t usable = usable_size(block);
  if (size_bytes > usable) return false;
  return usable <= max_small_bytes ? class_of(size_bytes) == class_of(usable)
                                   : may_be_run_for(size_bytes, usable);
}

/// Whether a live block may have been asked for so many bytes, or resized to them: it stays
/// in its place where it becomes little smaller, or where the system refuses pages.
bool may_have_size(const void* block, std::size_t size_bytes) noexcept {
  const std::size_t usable = usable_size(block);
  if (size_bytes > usable) return false;
  if (usable <= max_small_bytes)
    return size_bytes >= usable / 2 || class_of(size_bytes) == class_of(usable);
  if (size_bytes <= max_small_bytes) return false;
  return may_be_run_for(size_bytes, usable) || run_info(quarter_at(block)).spare() != 0;
}

/// Of a block that is none of a lane, nor a run that the thread could keep.
[[gnu::noinline]] free_result deallocate_beyond_thread(void* block) noexcept {
  const quarter_index run = run_of_block(block);
  const free_result end = run ? deallocate_run(run) : free_result::none;
  if (end != free_result::none) return end;
  if (!is_retired(block)) die_of_bad_block(block);
  note_late_free();
  return free_result::late;
}

/// Of a block that is not simply one of the open arena: a survivor, one of the core's
/// own arena, or a fault.
[[gnu::noinline]] free_result deallocate_outlived(handle arena, void* block,
                                                  std::size_t size_bytes) noexcept {
  const handle owner = owner_of(block);
  const bool is_cores_own = owner != 0 && owner == own_arena();
  const bool is_others = owner != 0 && owner != arena && !is_cores_own;
  if (!owns(block) || is_others || !has_size(block, size_bytes)) {
    die_of_bad_free(lane_index_of(arena), block, size_bytes);
  }
  const free_result end = deallocate(block);
  return is_cores_own ? free_result::survivor : end;
}

}  // namespace

free_result deallocate(void* block) noexcept {
  const std::size_t at = granule_at(block);
  if (is_small(at)) {
    const auto granule = static_cast<granule_index>(at);
    return give_own(granule, block) ? free_result::owned : free_from_any_thread(granule);
  }
  if (keep_any_run(block)) [[likely]]
    return free_result::owned;
  return deallocate_beyond_thread(block);
}

free_result deallocate_sized(void* block, std::size_t size_bytes) noexcept {
  const std::size_t at = granule_at(block);
  if (size_bytes <= max_small_bytes && is_small(at)) [[likely]] {
    const live_mark mark = mark_of_size(size_bytes);
    if (give_own_of(static_cast<granule_index>(at), block, mark)) [[likely]]
      return free_result::owned;
  }
  if (!is_retired(block) && !may_have_size(block, size_bytes)) die_wrong_size(block, size_bytes);
  return deallocate(block);
}

free_result deallocate_of(lane& first, handle arena, void* block, std::size_t size_bytes) noexcept {
  if (size_bytes > max_small_bytes) {
    const bool is_done = keep_longer_run_of(first, arena, block, size_bytes) ||
                         (is_of(first, arena) && deallocate_run_of(first, block, size_bytes));
    return is_done ? free_result::owned : deallocate_outlived(arena, block, size_bytes);
  }
  const std::size_t at = granule_at(block);
  if (!is_small(at)) return deallocate_outlived(arena, block, size_bytes);
  const auto granule = static_cast<granule_index>(at);
  const std::uint32_t owner = owner_at(granule).load(std::memory_order_relaxed);
  if (kind_of(owner) != page_kind::small) return deallocate_outlived(arena, block, size_bytes);
  lane& home = lane_at(index_of(owner));
  const live_mark mark = mark_of_size(size_bytes);
  const auto put = [&] { return put_back_of(home, owner_at(granule), granule, block, mark); };
  const bool is_unowned = home.owner.load(std::memory_order_relaxed) == 0;
  if (is_unowned ? give_by_guard(home, arena, put) : give_as_owner(home, arena, put)) {
    return free_result::owned;
  }
  if (!is_of(home, arena) || mark_at(granule) != mark) {
    return deallocate_outlived(arena, block, size_bytes);
  }
  return free_from_any_thread(granule);
}

free_result deallocate_of(handle arena, void* block, std::size_t size_bytes) noexcept {
  lane* const first = lane_of(arena);
  return deallocate_of(first != nullptr ? *first : no_lane, arena, block, size_bytes);
}

std::size_t usable_size(const void* block) noexcept {
  const std::size_t at = granule_at(block);
  if (is_small(at)) {
    const auto granule = static_cast<granule_index>(at);
    const bool is_owned = owner_at(granule).load(std::memory_order_relaxed) != 0;
    const std::uint8_t mark = is_owned ? mark_at(granule) : 0;
    if ((mark & granule::live) != 0) return class_bytes(mark & granule::class_mask);
  } else if (const quarter_index run = run_of_block(block)) {
    return block_bytes(run, run_info(run).quarters());
  }
  die_of_bad_block(block);
}

}  // namespace connarena::core
