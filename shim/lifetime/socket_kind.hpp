// socket_kind.hpp - what a socket is. Each costs a system call and may change errno; where
// a sandbox forbids that, no socket is a stream.
#pragma once

#include <cstdint>

namespace connarena::shim {

/// Whether a type as socket() takes it has connections of its own.
[[nodiscard]] bool is_stream_type(int type) noexcept;
[[nodiscard]] bool is_stream(int fd) noexcept;
/// A stream that has a peer: not a listening or a fresh socket.
[[nodiscard]] bool is_connected_stream(int fd) noexcept;
/// What a descriptor leads to, by a number that no other socket or file has; 0: nothing, or
/// unknown.
[[nodiscard]] std::uint64_t identity_of(int fd) noexcept;

}  // namespace connarena::shim
