// sockets.hpp - TCP on 127.0.0.1, and nowhere else.
#pragma once

#include "process/unique_fd.hpp"

namespace demo {

/// A port on which nobody listens, below the range from which the kernel takes
/// the clients' own ports.
[[nodiscard]] int free_port();

/// True when somebody listens there. Asks the kernel: a probing connection would
/// already be a client of the server.
[[nodiscard]] bool is_listening(int port);

/// A listening socket, non-blocking.
[[nodiscard]] unique_fd listen_on(int port);

/// A connected socket without Nagle's delay, non-blocking from then on.
[[nodiscard]] unique_fd connect_to(int port);

/// Says once, at the start, that this many descriptors will be open.
void need_descriptors(unsigned long count);

}  // namespace demo
