// secret.hpp - what one connection writes and no other may read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hardening {

inline constexpr std::uint64_t secret = 0x5EC2E75EC2E75EC2;

inline void write_secret(void* block, std::size_t bytes) {
  for (std::size_t at = 0; at + sizeof secret <= bytes; at += sizeof secret) {
    std::memcpy(static_cast<char*>(block) + at, &secret, sizeof secret);
  }
}

/// Whether the secret stands anywhere in a block, which starts at a multiple of 8.
[[nodiscard]] inline bool holds_secret(const void* block, std::size_t bytes) {
  const volatile std::uint64_t* const words = static_cast<const volatile std::uint64_t*>(block);
  for (std::size_t i = 0; i < bytes / sizeof secret; ++i) {
    if (words[i] == secret) return true;
  }
  return false;
}

}  // namespace hardening
