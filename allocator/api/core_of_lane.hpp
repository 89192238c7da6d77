// core_of_lane.hpp - calls of core.hpp for a caller who keeps the arena's first lane.
#pragma once

#include <cstddef>

#include <connarena/connarena.h>

#include "arena/arenas.hpp"
#include "arena/lane/free_result.hpp"
#include "arena/lane/lane.hpp"

namespace connarena::core {

/// The first lane of an open arena; null if the handle is stale.
[[nodiscard]] inline lane* find(connarena_t arena) noexcept {
  lane* const first = lane_of(arena);
  return first != nullptr && is_of(*first, arena) ? first : nullptr;
}

/// As allocate, but for blocks that are at hand in the first lane or the thread's cache.
[[nodiscard]] void* allocate_beyond(lane& first, connarena_t arena, std::size_t size_bytes,
                                    std::size_t alignment) noexcept;

free_result deallocate_of(lane& first, connarena_t arena, void* block,
                          std::size_t size_bytes) noexcept;

}  // namespace connarena::core
