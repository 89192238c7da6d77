#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "servers/blocking_io.hpp"
#include "servers/shapes.hpp"

namespace attribution {
namespace {

void serve_connection(int fd) {
  {
    session on(fd);
    on.set_up();
    request_header header{};
    while (receive(on, header)) {
      on.handle(header, on.incoming.bytes[0]);
      if (!send(on)) break;
    }
  }
  ::close(fd);
}

}  // namespace

void serve_by_threads(int listener) {
  for (;;) {
    const int fd = ::accept(listener, nullptr, nullptr);
    if (fd >= 0) std::thread(serve_connection, fd).detach();
  }
}

}  // namespace attribution
