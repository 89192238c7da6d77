// core_allocate.cpp - blocks handed out: small ones and runs, of an arena or unowned.
#include "api/core.hpp"

#include <cerrno>
#include <cstring>

#include "api/core_of_lane.hpp"
#include "arena/any_thread_blocks.hpp"
#include "arena/arenas.hpp"
#include "arena/limits.hpp"
#include "arena/runs/kept_runs.hpp"
#include "arena/runs/run_room.hpp"
#include "arena/runs/runs.hpp"
#include "base/failure.hpp"
#include "heap/commits.hpp"
#include "heap/size_classes.hpp"

namespace connarena::core {
namespace {

[[gnu::cold, gnu::noinline]] void* fail_run(const lane* first, handle arena) noexcept {
  return fail(first != nullptr && !is_of(*first, arena) ? ESTALE : ENOMEM);
}

[[gnu::noinline]] void* take_run_under_limit(lane& first, handle arena, std::size_t size_bytes,
                                             std::size_t alignment, bool& is_zero) noexcept {
  void* const block = take_under_limit(first, arena, [&] {
    return allocate_run({&first, generation_of(arena)}, size_bytes, alignment, is_zero);
  });
  return block != nullptr || is_of(first, arena) ? block : fail(ESTALE);
}

void* take_run(lane* first, handle arena, std::size_t size_bytes, std::size_t alignment,
               bool& is_zero) noexcept {
  if (first != nullptr && has_limit(*first)) {
    return take_run_under_limit(*first, arena, size_bytes, alignment, is_zero);
  }
  void* const block = allocate_run({first, generation_of(arena)}, size_bytes, alignment, is_zero);
  return block != nullptr ? block : fail_run(first, arena);
}

[[gnu::noinline]] void* allocate_any_run_of(lane& first, handle arena, std::size_t size_bytes,
                                            std::size_t alignment) noexcept {
  if (size_bytes <= most_kept_bytes && alignment <= granule_bytes) {
    if (void* const block = take_kept_run_anew_of(first, arena, size_bytes)) return block;
  }
  bool is_zero = false;
  if (!is_of(first, arena)) return fail(ESTALE);
  return take_run(&first, arena, size_bytes, alignment, is_zero);
}

/// By itself, so that small blocks need no frame.
[[gnu::noinline]] void* allocate_run_of(lane& first, handle arena, std::size_t size_bytes,
                                        std::size_t alignment) noexcept {
  // A size that comes here without a larger alignment is a run's.
  if (alignment > granule_bytes) return allocate_any_run_of(first, arena, size_bytes, alignment);
  if (size_bytes <= most_kept_bytes) [[likely]] {
    if (void* const block = take_kept_run_of(first, arena, size_bytes)) [[likely]]
      return block;
  }
  return allocate_any_run_of(first, arena, size_bytes, granule_bytes);
}

[[gnu::noinline]] void* allocate_beside_owner(lane& first, handle arena,
                                              std::size_t size_bytes) noexcept {
  void* const block = take_beside_owner(first, arena, mark_of_size(size_bytes));
  return block != nullptr ? block : take_for_any_thread(first, arena, size_bytes, granule_bytes);
}

[[gnu::always_inline]] inline void* allocate_elsewhere(lane& first, handle arena,
                                                       std::size_t size_bytes,
                                                       std::size_t alignment) noexcept {
  if (fits_small(size_bytes, alignment)) {
    return take_for_any_thread(first, arena, size_bytes, alignment);
  }
  return allocate_run_of(first, arena, size_bytes, alignment);
}

}  // namespace

void* allocate(handle arena, std::size_t size_bytes, std::size_t alignment) noexcept {
  lane* const first = lane_of(arena);
  if (first == nullptr) [[unlikely]]
    return fail(ESTALE);
  if (size_bytes <= max_small_bytes && alignment <= granule_bytes) [[likely]] {
    void* const block = take_as_owner(*first, arena, mark_of_size(size_bytes));
    return block != nullptr ? block : allocate_beside_owner(*first, arena, size_bytes);
  }
  return allocate_elsewhere(*first, arena, size_bytes, alignment);
}

void* allocate_beyond(lane& first, handle arena, std::size_t size_bytes,
                      std::size_t alignment) noexcept {
  if (fits_small(size_bytes, alignment)) {
    return take_for_any_thread(first, arena, size_bytes, alignment);
  }
  return allocate_any_run_of(first, arena, size_bytes, alignment);
}

void* allocate_zeroed(handle arena, std::size_t size_bytes) noexcept {
  if (size_bytes > max_small_bytes) {
    lane* const first = find(arena);
    if (first == nullptr) return fail(ESTALE);
    bool is_zero = false;
    void* const block = take_run(first, arena, size_bytes, granule_bytes, is_zero);
    return block != nullptr && !is_zero ? std::memset(block, 0, size_bytes) : block;
  }
  void* const block = allocate(arena, size_bytes, granule_bytes);
  return block != nullptr ? std::memset(block, 0, size_bytes) : nullptr;
}

void* allocate_unowned(std::size_t size_bytes, std::size_t alignment) noexcept {
  bool is_zero = false;
  return region_ready() ? take_run(nullptr, 0, size_bytes, alignment, is_zero) : fail(ENOMEM);
}

void* allocate_unowned_zeroed(std::size_t size_bytes) noexcept {
  if (!region_ready()) return fail(ENOMEM);
  bool is_zero = false;
  void* const block = take_run(nullptr, 0, size_bytes, granule_bytes, is_zero);
  return block != nullptr && !is_zero ? std::memset(block, 0, size_bytes) : block;
}

std::size_t least_usable_size(std::size_t size_bytes) noexcept {
  if (size_bytes <= max_small_bytes) return class_bytes(class_of(size_bytes));
  const std::uint32_t quarters = quarters_of_request(size_bytes);
  return quarters != 0 ? least_block_bytes(size_bytes, quarters) : 0;
}

}  // namespace connarena::core
