#include "moving/frames.hpp"

#include <sys/socket.h>

namespace moving {

bool send_all(int socket, const void* from, std::size_t bytes, sent how) {
  const int flags = MSG_NOSIGNAL | (how == sent::with_more ? MSG_MORE : 0);
  const auto* at = static_cast<const char*>(from);
  while (bytes > 0) {
    const ssize_t count = ::send(socket, at, bytes, flags);
    if (count <= 0) return false;
    at += count;
    bytes -= static_cast<std::size_t>(count);
  }
  return true;
}

bool receive_all(int socket, void* to, std::size_t bytes) {
  auto* at = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t count = ::recv(socket, at, bytes, 0);
    if (count <= 0) return false;
    at += count;
    bytes -= static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace moving
