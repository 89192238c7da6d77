#include "shim/lifetime/socket_kind.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "shim/beneath/replaced_calls.hpp"
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

std::uint64_t identity_of(int fd) noexcept {
  if (!may_ask_sockets()) return 0;
  struct stat status {};
  // Not by fstat: which system call that makes depends on the C library.
  if (next().syscall(SYS_fstat, fd, &status) != 0) return 0;
  // A device has 32 bits, all sockets the same one. An inode's number may have more than 32
  // only on a file system.
  return std::uint64_t{status.st_dev} << 32 ^ status.st_ino ^ std::uint64_t{1} << 63;
}

}  // namespace connarena::shim
