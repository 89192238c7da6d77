// sequences.hpp - the random choices of the works, drawn once from fixed seeds,
// so that every contender does the same work and a loop only reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace micro {

/// Sizes in bytes, uniform over [smallest, largest].
[[nodiscard]] std::vector<std::uint32_t> uniform_sizes(std::size_t count, std::uint32_t smallest,
                                                       std::uint32_t largest);

/// Sizes in bytes whose logarithm is uniform: as many of 64 to 128 as of 8 to 16 KiB.
[[nodiscard]] std::vector<std::uint32_t> logarithmic_sizes(std::size_t count,
                                                           std::uint32_t smallest,
                                                           std::uint32_t largest);

/// One block to free and the size of the one that takes its place.
struct replacement {
  std::uint32_t slot : 9;
  std::uint32_t size_bytes : 23;
};

inline constexpr std::size_t live_blocks = 512;  // what 9 bits address

/// A power of two, too long for a branch predictor to learn; read in order it
/// stays in the second-level cache.
inline constexpr std::size_t replacements = std::size_t{1} << 15;

/// 16 to 1,024 B, and one in ten from 1 to 64 KiB; logarithmic, both.
[[nodiscard]] const std::vector<replacement>& mixed_replacements();

/// 16 to 512 B, logarithmic.
[[nodiscard]] const std::vector<replacement>& small_replacements();

}  // namespace micro
