// live_blocks.hpp - what lives in an arena, block by block, for a report.
#pragma once

#include <connarena/connarena.h>

#include "arena/lane/lane.hpp"

namespace connarena {

/// Calls `see(context, block, its bytes)` on each live block of an arena for any thread,
/// inside it: `see` must not call the core. O(pages + blocks). Does nothing if `handle`
/// is stale.
using see_block = void (*)(void* context, const void* block, std::size_t bytes);
void for_each_live_block(lane& first, connarena_t handle, see_block see, void* context) noexcept;

}  // namespace connarena
