// sized_struct.hpp - structs of the C API between a program and a library that know them in
// different lengths: they grow at their end, and each call says how long its program's is.
//
// What one side does not know is zero for the other, as between a program and Linux.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace connarena {

/// Longer than any; a length above it was never set.
inline constexpr std::size_t most_struct_bytes = 4096;

/// False with errno EINVAL if no struct is so long.
[[nodiscard]] inline bool is_struct_size(std::size_t size_bytes) noexcept {
  if (size_bytes != 0 && size_bytes <= most_struct_bytes) return true;
  errno = EINVAL;
  return false;
}

/// Fills the program's struct. Pre: is_struct_size(size_bytes).
template <typename Struct>
void give_struct(Struct* to, std::size_t size_bytes, const Struct& all) noexcept {
  const std::size_t known_bytes = std::min(size_bytes, sizeof(Struct));
  auto* const bytes = reinterpret_cast<unsigned char*>(to);
  std::memcpy(bytes, &all, known_bytes);
  std::memset(bytes + known_bytes, 0, size_bytes - known_bytes);
}

/// Reads the program's struct; null stays as it is. False with errno EINVAL if it asks for
/// what this library does not know.
template <typename Struct>
[[nodiscard]] bool take_struct(Struct& all, const Struct* from, std::size_t size_bytes) noexcept {
  if (from == nullptr) return true;
  if (!is_struct_size(size_bytes)) return false;
  const std::size_t known_bytes = std::min(size_bytes, sizeof(Struct));
  const auto* const bytes = reinterpret_cast<const unsigned char*>(from);
  std::memcpy(&all, bytes, known_bytes);
  const auto is_zero = [](unsigned char byte) { return byte == 0; };
  if (std::all_of(bytes + known_bytes, bytes + size_bytes, is_zero)) return true;
  errno = EINVAL;
  return false;
}

}  // namespace connarena
