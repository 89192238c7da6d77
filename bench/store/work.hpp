// work.hpp - what a connection of the store trap allocates: ten small keys that
// stay among a hundred temporary blocks that go with it. One place for sizes and
// contents, so that every program of the trap does the same work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace store {

inline constexpr std::uint32_t keys_of_connection = 10;
inline constexpr std::uint32_t temporaries_of_key = 10;

/// Well mixed bits of a number.
[[nodiscard]] constexpr std::uint32_t mixed(std::uint64_t number) noexcept {
  number *= 0x9E3779B97F4A7C15;
  return static_cast<std::uint32_t>(number >> 32);
}

/// Bytes of a key's value; each time the key is written it has another size.
[[nodiscard]] constexpr std::uint32_t value_bytes(std::uint32_t key,
                                                  std::uint32_t version) noexcept {
  return 16 + mixed(std::uint64_t{version} << 32 | key) % 240;
}

/// Bytes of a temporary block.
[[nodiscard]] constexpr std::uint32_t temporary_bytes(std::uint32_t number) noexcept {
  return 16 + mixed(number) % 1008;
}

[[nodiscard]] constexpr char content(std::uint32_t key, std::uint32_t version) noexcept {
  return static_cast<char>(mixed(key) + version);
}

[[nodiscard]] inline bool has_content(const char* value, std::size_t bytes, std::uint32_t key,
                                      std::uint32_t version) noexcept {
  const char wanted = content(key, version);
  for (std::size_t i = 0; i < bytes; ++i) {
    if (value[i] != wanted) return false;
  }
  return true;
}

}  // namespace store
