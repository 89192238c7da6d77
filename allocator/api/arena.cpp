// arena.cpp - connarena::arena: straight to its lane.
#include <connarena/arena.hpp>

#include <algorithm>
#include <cstring>

#include "api/face.hpp"
#include "arena/arenas.hpp"
#include "arena/faults.hpp"
#include "arena/runs.hpp"
#include "arena/small_blocks.hpp"

namespace connarena {
namespace {

std::uint64_t open_preloaded(const arena_options& options) {
  const connarena_options wanted{options.limit_bytes == unlimited ? 0 : options.limit_bytes,
                                 options.name};
  const connarena_t handle = preloaded_face->create(&wanted);
  if (handle == 0) throw std::bad_alloc();
  // The index has room for the mark: see arena::preloaded.
  return handle + static_cast<std::uint32_t>(handle) + 1;
}

std::uint64_t open_own(const arena_options& options) {
  lane* const first = open_arena(options.limit_bytes, options.name, false);
  if (first == nullptr) throw std::bad_alloc();
  return reinterpret_cast<std::uint64_t>(first);
}

void* or_throw(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

[[gnu::noinline]] void* allocate_slowly(lane& in, std::size_t size_bytes, std::size_t alignment) {
  if (fits_small(size_bytes, alignment)) {
    return or_throw(alignment <= granule_bytes ? refill(in, class_of(size_bytes))
                                               : allocate_small_aligned(in, size_bytes, alignment));
  }
  bool is_zero = false;
  return or_throw(allocate_run({&in, one_thread_generation}, size_bytes, alignment, is_zero));
}

[[gnu::noinline]] void* allocate_preloaded(connarena_t handle, std::size_t size_bytes,
                                           std::size_t alignment) {
  return or_throw(preloaded_face->aligned_alloc(handle, alignment, size_bytes));
}

[[gnu::noinline]] void deallocate_preloaded(connarena_t handle, void* block,
                                            std::size_t size_bytes) {
  if (preloaded_face->of(block) != handle) die_of_bad_free(0, block, size_bytes);
  preloaded_face->free(block);
}

void* reallocate_preloaded(connarena_t handle, void* block, std::size_t old_bytes,
                           std::size_t new_bytes) {
  if (preloaded_face->of(block) != handle) die_of_bad_free(0, block, old_bytes);
  return or_throw(preloaded_face->realloc(handle, block, new_bytes));
}

[[gnu::noinline]] void deallocate_slowly(lane& in, void* block, std::size_t size_bytes) noexcept {
  if (!deallocate_run_of(in, block, size_bytes)) die_of_bad_free(in.index, block, size_bytes);
}

}  // namespace

lane& arena::own() const noexcept { return *reinterpret_cast<lane*>(arena_); }

arena::arena(const arena_options& options)
    : arena_(preloaded_face != nullptr ? open_preloaded(options) : open_own(options)) {}

arena::~arena() {
  if (is_preloaded()) {
    preloaded_face->destroy(preloaded());
  } else {
    end_arena(own());
  }
}

void arena::release() noexcept {
  if (is_preloaded()) {
    preloaded_face->release(preloaded());
    return;
  }
  empty_arena(own());
  own().is_released = true;
}

arena_stats arena::stats() const noexcept {
  arena_stats counters{};
  if (is_preloaded()) {
    preloaded_face->get_stats(preloaded(), &counters);
  } else {
    read_counters(own(), counters);
  }
  return counters;
}

void* arena::do_allocate(std::size_t size_bytes, std::size_t alignment) {
  if (is_preloaded()) [[unlikely]]
    return allocate_preloaded(preloaded(), size_bytes, alignment);
  lane& in = own();
  if (size_bytes <= max_small_bytes && alignment <= granule_bytes) [[likely]] {
    if (void* const block = take_ready(in, class_of(size_bytes))) [[likely]]
      return block;
  }
  return allocate_slowly(in, size_bytes, alignment);
}

void arena::do_deallocate(void* block, std::size_t size_bytes, std::size_t) {
  if (is_preloaded()) [[unlikely]]
    return deallocate_preloaded(preloaded(), block, size_bytes);
  lane& in = own();
  if (size_bytes <= max_small_bytes &&
      deallocate_small(in, granule_at(block), class_of(size_bytes))) [[likely]] {
    return;
  }
  deallocate_slowly(in, block, size_bytes);
}

void* arena::reallocate(void* block, std::size_t old_bytes, std::size_t new_bytes) {
  if (block == nullptr) return do_allocate(new_bytes, granule_bytes);
  if (is_preloaded()) return reallocate_preloaded(preloaded(), block, old_bytes, new_bytes);
  lane& in = own();
  const bool was_run = old_bytes > max_small_bytes;
  const bool is_run = new_bytes > max_small_bytes;
  if (was_run && !is_run_of(in, block, old_bytes)) die_of_bad_free(in.index, block, old_bytes);
  if (was_run && is_run && resize_run(page_at(block), new_bytes)) return block;
  if (!was_run && !is_run && class_of(old_bytes) == class_of(new_bytes)) return block;
  void* const moved = is_run
                          ? or_throw(allocate_growing_run({&in, one_thread_generation}, new_bytes,
                                                          was_run && has_grown(page_at(block))))
                          : do_allocate(new_bytes, granule_bytes);
  std::memcpy(moved, block, std::min(old_bytes, new_bytes));
  do_deallocate(block, old_bytes, granule_bytes);
  return moved;
}

bool arena::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  return this == &other;
}

}  // namespace connarena
