// frames.hpp - what a client and a server of these tests send each other: the length of
// some bytes, then the bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moving {

using frame_length = std::uint32_t;

/// What is sent is sent at once, or with what follows: else the second part of a frame would
/// wait for the other end's word that it has the first.
enum class sent : std::uint8_t { at_once, with_more };

/// Whether all of it was sent, or received, over a socket that may block.
[[nodiscard]] bool send_all(int socket, const void* from, std::size_t bytes, sent how);
[[nodiscard]] bool receive_all(int socket, void* to, std::size_t bytes);

/// `Bytes` is a std::vector<char>, or one by another allocator.
template <typename Bytes>
[[nodiscard]] bool send_frame(int socket, const Bytes& bytes) {
  const auto length = static_cast<frame_length>(bytes.size());
  const sent how = length != 0 ? sent::with_more : sent::at_once;
  return send_all(socket, &length, sizeof length, how) &&
         send_all(socket, bytes.data(), bytes.size(), sent::at_once);
}
template <typename Bytes>
[[nodiscard]] bool receive_frame(int socket, Bytes& bytes) {
  frame_length length = 0;
  if (!receive_all(socket, &length, sizeof length)) return false;
  bytes.resize(length);
  return receive_all(socket, bytes.data(), length);
}

}  // namespace moving
