#include "shim/lifetime/socket_kind.hpp"

#include <sys/socket.h>

#include "shim/handler_safe/allowed_calls.hpp"

namespace connarena::shim {

bool is_stream_type(int type) noexcept {
  const int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
  return kind == SOCK_STREAM || kind == SOCK_SEQPACKET;
}

bool is_stream(int fd) noexcept {
  if (!may_ask_sockets()) return false;
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && is_stream_type(type);
}

bool is_connected_stream(int fd) noexcept {
  sockaddr_storage peer;
  socklen_t size = sizeof peer;
  return is_stream(fd) && getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

}  // namespace connarena::shim
