// arenas_of_lanes.cpp - the C++ classes, as lanes of this library's own core.
#include <algorithm>
#include <cstring>
#include <new>

#include "api/arena_calls.hpp"
#include "api/core_of_lane.hpp"
#include "arena/arenas.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/runs/runs.hpp"
#include "arena/small/faults.hpp"
#include "arena/small/small_blocks.hpp"

namespace connarena {
namespace {

void* or_throw(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

lane& open_lane(const arena_options& options, bool any_thread) {
  lane* const opened = open_arena(options.limit_bytes, options.name, any_thread);
  if (opened == nullptr) throw std::bad_alloc();
  return *opened;
}

void open(arena_place& at, const arena_options& options) { at.in = &open_lane(options, false); }

void end(arena_place& at) noexcept { end_arena(*at.in); }

void empty(arena_place& at) noexcept {
  empty_arena(*at.in);
  at.in->is_released = true;
}

void read(const arena_place& at, arena_stats& counters) noexcept {
  read_counters(*at.in, counters);
}

void* allocate_of_class(arena_place& at, std::uint8_t mark) {
  return or_throw(refill(*at.in, mark));
}

/// Before a run is refused, the lane gives up what is idle in it.
[[gnu::noinline]] void* allocate_run_under_limit(lane& in, std::size_t size_bytes,
                                                 std::size_t alignment) noexcept {
  const run_owner of{&in, one_thread_generation};
  bool is_zero = false;
  void* const block = allocate_run(of, size_bytes, alignment, is_zero);
  if (block != nullptr || !shed_arena(in, 0)) return block;
  return allocate_run(of, size_bytes, alignment, is_zero);
}

void* allocate(arena_place& at, std::size_t size_bytes, std::size_t alignment) {
  if (fits_small(size_bytes, alignment)) {
    return or_throw(allocate_small_aligned(*at.in, size_bytes, alignment));
  }
  if (has_limit(*at.in)) return or_throw(allocate_run_under_limit(*at.in, size_bytes, alignment));
  bool is_zero = false;
  return or_throw(allocate_run({at.in, one_thread_generation}, size_bytes, alignment, is_zero));
}

void deallocate(arena_place& at, void* block, std::size_t size_bytes) noexcept {
  lane& in = *at.in;
  if (size_bytes <= max_small_bytes) {
    const live_mark mark = mark_of_size(size_bytes);
    if (put_back(in, block, mark) || put_back_first(in, block, mark)) {
      report_if_due(in);
      return;
    }
  }
  if (!deallocate_run_of(in, block, size_bytes)) die_of_bad_free(in.index, block, size_bytes);
}

/// Pre: the block is one of the lane's.
void* move(arena_place& at, void* block, std::size_t old_bytes, std::size_t new_bytes) {
  void* moved = nullptr;
  if (new_bytes <= max_small_bytes) {
    moved = allocate_small(*at.in, mark_of_size(new_bytes));
  } else {
    const bool again = old_bytes > max_small_bytes && has_grown(quarter_at(block));
    const run_owner of{at.in, one_thread_generation};
    moved = allocate_growing_run(of, new_bytes, again);
    if (moved == nullptr && shed_arena(*at.in, 0))
      moved = allocate_growing_run(of, new_bytes, again);
  }
  std::memcpy(or_throw(moved), block, std::min(old_bytes, new_bytes));
  deallocate(at, block, old_bytes);
  return moved;
}

void* reallocate(arena_place& at, void* block, std::size_t old_bytes, std::size_t new_bytes) {
  const lane& in = *at.in;
  const bool was_run = old_bytes > max_small_bytes;
  const bool is_run = new_bytes > max_small_bytes;
  if (was_run && !is_run_of(in, block, old_bytes)) die_of_bad_free(in.index, block, old_bytes);
  if (was_run && is_run && resize_run(quarter_at(block), new_bytes)) return block;
  if (!was_run && !is_run && class_of(old_bytes) == class_of(new_bytes)) return block;
  return move(at, block, old_bytes, new_bytes);
}

void open_for_any_thread(arena_place& at, const arena_options& options) {
  lane& opened = open_lane(options, true);
  opened.kind = arena_kind::resource;
  at = {handle_of(opened), &opened};
}

/// Somebody may have ended it by its handle.
void end_for_any_thread(arena_place& at) noexcept {
  if (is_of(*at.in, at.handle)) end_arena(*at.in);
}

void* allocate_for_any_thread(arena_place& at, std::size_t size_bytes,
                              std::size_t alignment) noexcept {
  return core::allocate_beyond(*at.in, at.handle, size_bytes, alignment);
}

free_result deallocate_from_any_thread(arena_place& at, void* block,
                                       std::size_t size_bytes) noexcept {
  return core::deallocate_of(*at.in, at.handle, block, size_bytes);
}

}  // namespace

constexpr arena_calls calls_of_lanes{
    .open = open,
    .end = end,
    .empty = empty,
    .read_counters = read,
    .allocate = allocate,
    .allocate_of_class = allocate_of_class,
    .deallocate = deallocate,
    .reallocate = reallocate,
    .open_for_any_thread = open_for_any_thread,
    .end_for_any_thread = end_for_any_thread,
    .allocate_for_any_thread = allocate_for_any_thread,
    .deallocate_from_any_thread = deallocate_from_any_thread,
};

}  // namespace connarena
