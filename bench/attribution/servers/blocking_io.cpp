#include "servers/blocking_io.hpp"

#include <unistd.h>

namespace attribution {

bool read_all(int fd, void* to, std::size_t size_bytes) {
  auto* at = static_cast<char*>(to);
  while (size_bytes > 0) {
    const ssize_t got = ::read(fd, at, size_bytes);
    if (got <= 0) return false;
    at += got;
    size_bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool receive(session& on, request_header& header) {
  if (!read_all(on.fd(), &header, sizeof header)) return false;
  on.forget_request();
  on.make_room(header.request_bytes, io::touched);
  if (!read_all(on.fd(), on.incoming.bytes, header.request_bytes)) return false;
  on.incoming.used = header.request_bytes;
  return true;
}

bool send(session& on) {
  while (on.is_writing()) {
    const ssize_t gone = ::writev(on.fd(), on.left(), 2);
    if (gone <= 0) return false;
    on.wrote(static_cast<std::size_t>(gone));
  }
  return true;
}

}  // namespace attribution
