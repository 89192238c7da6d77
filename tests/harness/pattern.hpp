// pattern.hpp - contents that tell one block from another: a byte sequence that
// depends on a seed, written and checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace harness {

[[nodiscard]] inline unsigned char pattern_byte(std::uint64_t seed, std::size_t offset) {
  return static_cast<unsigned char>((seed * 0x9E3779B97F4A7C15u >> 32) + offset * 7 + offset / 251);
}

/// Large blocks are marked at both ends and once a page: it is the memory's
/// identity that is tested, not memcpy.
inline constexpr std::size_t dense_bytes = 512;
inline constexpr std::size_t stride_bytes = 1021;

template <typename Visit>
void for_each_marked_offset(std::size_t bytes, Visit visit) {
  const std::size_t head = bytes < dense_bytes ? bytes : dense_bytes;
  for (std::size_t offset = 0; offset < head; ++offset) visit(offset);
  for (std::size_t offset = head; offset < bytes; offset += stride_bytes) visit(offset);
  if (bytes > 0) visit(bytes - 1);
}

inline void write_pattern(void* block, std::size_t bytes, std::uint64_t seed) {
  auto* at = static_cast<unsigned char*>(block);
  for_each_marked_offset(bytes,
                         [&](std::size_t offset) { at[offset] = pattern_byte(seed, offset); });
}

/// Whether the first `bytes` still hold what was written for `written_bytes`.
[[nodiscard]] inline bool holds_pattern(const void* block, std::size_t bytes,
                                        std::size_t written_bytes, std::uint64_t seed) {
  const auto* at = static_cast<const unsigned char*>(block);
  bool intact = true;
  for_each_marked_offset(written_bytes, [&](std::size_t offset) {
    if (offset < bytes && at[offset] != pattern_byte(seed, offset)) intact = false;
  });
  return intact;
}

[[nodiscard]] inline bool holds_pattern(const void* block, std::size_t bytes, std::uint64_t seed) {
  return holds_pattern(block, bytes, bytes, seed);
}

[[nodiscard]] inline bool is_zero(const void* block, std::size_t bytes) {
  const auto* at = static_cast<const unsigned char*>(block);
  return bytes == 0 || (at[0] == 0 && std::memcmp(at, at + 1, bytes - 1) == 0);
}

}  // namespace harness
