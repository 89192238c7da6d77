// core_of_lane.hpp - calls of core.hpp for a caller who keeps the arena's first lane.
#pragma once

#include <cstddef>

#include <connarena/connarena.h>

#include "arena/lane/free_result.hpp"
#include "arena/lane/lane.hpp"

namespace connarena::core {

/// As allocate, but for blocks that are at hand in the first lane.
[[nodiscard]] void* allocate_beyond(lane& first, connarena_t arena, std::size_t size_bytes,
                                    std::size_t alignment) noexcept;

free_result deallocate_of(lane& first, connarena_t arena, void* block,
                          std::size_t size_bytes) noexcept;

}  // namespace connarena::core
