// arena.cpp - connarena::arena: straight to its lane.
#include <connarena/arena.hpp>

#include <algorithm>
#include <cstring>

#include "api/face.hpp"
#include "arena/arenas.hpp"
#include "arena/runs/runs.hpp"
#include "arena/small/faults.hpp"
#include "arena/small/small_blocks.hpp"

namespace connarena {
namespace {

connarena_t open_preloaded(const arena_options& options) {
  if (preloaded_face == nullptr) return 0;
  const connarena_options wanted{options.limit_bytes == unlimited ? 0 : options.limit_bytes,
                                 options.name};
  const connarena_t handle = preloaded_face->create(&wanted);
  if (handle == 0) throw std::bad_alloc();
  return handle;
}

lane* open_own(const arena_options& options) {
  lane* const first = open_arena(options.limit_bytes, options.name, false);
  if (first == nullptr) throw std::bad_alloc();
  return first;
}

void* or_throw(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

}  // namespace

arena::arena(const arena_options& options)
    : preloaded_(open_preloaded(options)), lane_(preloaded_ != 0 ? &no_lane : open_own(options)) {}

arena::~arena() {
  if (preloaded_ != 0) {
    preloaded_face->destroy(preloaded_);
  } else {
    end_arena(*lane_);
  }
}

void arena::release() noexcept {
  if (preloaded_ != 0) {
    preloaded_face->release(preloaded_);
    return;
  }
  empty_arena(*lane_);
  lane_->is_released = true;
}

arena_stats arena::stats() const noexcept {
  arena_stats counters{};
  if (preloaded_ != 0) {
    preloaded_face->get_stats(preloaded_, &counters);
  } else {
    read_counters(*lane_, counters);
  }
  return counters;
}

void* arena::do_allocate(std::size_t size_bytes, std::size_t alignment) {
  if (size_bytes <= max_small_bytes && alignment <= granule_bytes) [[likely]] {
    const live_mark mark = mark_of_size(size_bytes);
    void* const block = take_ready(*lane_, mark);
    return block != nullptr ? block : allocate_of_class(mark);
  }
  return allocate_slowly(size_bytes, alignment);
}

/// Knows a class only: a size would have to be kept where registers are few.
[[gnu::noinline]] void* arena::allocate_of_class(std::uint8_t mark) {
  if (preloaded_ != 0) {
    const std::size_t bytes = std::size_t{granules_of(mark)} << granule_shift;
    return or_throw(preloaded_face->aligned_alloc(preloaded_, granule_bytes, bytes));
  }
  return or_throw(refill(*lane_, mark));
}

[[gnu::noinline]] void* arena::allocate_slowly(std::size_t size_bytes, std::size_t alignment) {
  if (preloaded_ != 0) {
    return or_throw(preloaded_face->aligned_alloc(preloaded_, alignment, size_bytes));
  }
  if (fits_small(size_bytes, alignment)) {
    return or_throw(allocate_small_aligned(*lane_, size_bytes, alignment));
  }
  bool is_zero = false;
  return or_throw(allocate_run({lane_, one_thread_generation}, size_bytes, alignment, is_zero));
}

void arena::do_deallocate(void* block, std::size_t size_bytes, std::size_t) {
  lane& in = *lane_;
  if (size_bytes <= max_small_bytes && put_back(in, block, mark_of_size(size_bytes))) [[likely]]
    return report_if_due(in);
  deallocate_slowly(block, size_bytes);
}

[[gnu::noinline]] void arena::deallocate_slowly(void* block, std::size_t size_bytes) {
  if (preloaded_ != 0) {
    if (preloaded_face->of(block) != preloaded_) die_of_bad_free(0, block, size_bytes);
    return preloaded_face->free(block);
  }
  lane& in = *lane_;
  if (size_bytes <= max_small_bytes && put_back_first(in, block, mark_of_size(size_bytes))) {
    return report_if_due(in);
  }
  if (!deallocate_run_of(in, block, size_bytes)) die_of_bad_free(in.index, block, size_bytes);
}

void* arena::reallocate_preloaded(void* block, std::size_t old_bytes, std::size_t new_bytes) {
  if (preloaded_face->of(block) != preloaded_) die_of_bad_free(0, block, old_bytes);
  return or_throw(preloaded_face->realloc(preloaded_, block, new_bytes));
}

void* arena::reallocate(void* block, std::size_t old_bytes, std::size_t new_bytes) {
  if (block == nullptr) return do_allocate(new_bytes, granule_bytes);
  if (preloaded_ != 0) return reallocate_preloaded(block, old_bytes, new_bytes);
  lane& in = *lane_;
  const bool was_run = old_bytes > max_small_bytes;
  const bool is_run = new_bytes > max_small_bytes;
  if (was_run && !is_run_of(in, block, old_bytes)) die_of_bad_free(in.index, block, old_bytes);
  if (was_run && is_run && resize_run(quarter_at(block), new_bytes)) return block;
  if (!was_run && !is_run && class_of(old_bytes) == class_of(new_bytes)) return block;
  void* const moved = is_run
                          ? or_throw(allocate_growing_run({&in, one_thread_generation}, new_bytes,
                                                          was_run && has_grown(quarter_at(block))))
                          : do_allocate(new_bytes, granule_bytes);
  std::memcpy(moved, block, std::min(old_bytes, new_bytes));
  do_deallocate(block, old_bytes, granule_bytes);
  return moved;
}

bool arena::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  return this == &other;
}

}  // namespace connarena
