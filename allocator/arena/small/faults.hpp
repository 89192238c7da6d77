// faults.hpp - what exactly is wrong with a free that was refused.
#pragma once

#include <cstddef>

#include "arena/lane/lane.hpp"

namespace connarena {

/// Ends the process for an address that is no live block.
[[noreturn]] void die_of_bad_block(const void* block) noexcept;

/// Ends the process for a free through an arena that should have worked:
/// `lane_index` is the arena's first lane, `size_bytes` what was claimed.
[[noreturn]] void die_of_bad_free(std::uint32_t lane_index, const void* block,
                                  std::size_t size_bytes) noexcept;

}  // namespace connarena
