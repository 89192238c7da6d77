// connection_id.hpp - how a connection is named: by a generation and an index, so that
// what a thread remembers never reaches a later one in the same place.
#pragma once

#include <cstdint>

namespace connarena::shim {

/// Generation and index; 0 is none. Generations start at 1.
using connection_id = std::uint64_t;

/// A socket whose connect is under way: a connection once it transfers bytes. It names no
/// connection.
inline constexpr connection_id connecting = 1;

[[nodiscard]] constexpr std::uint32_t index_of(connection_id connection) noexcept {
  return static_cast<std::uint32_t>(connection);
}
[[nodiscard]] constexpr std::uint32_t generation_of(connection_id connection) noexcept {
  return static_cast<std::uint32_t>(connection >> 32);
}
[[nodiscard]] constexpr connection_id named(std::uint32_t generation,
                                            std::uint32_t index) noexcept {
  return connection_id{generation} << 32 | index;
}

}  // namespace connarena::shim
