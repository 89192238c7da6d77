// blocking_io.hpp - whole requests and replies on descriptors that block.
#pragma once

#include <cstddef>

#include "servers/session.hpp"

namespace attribution {

/// Reads so many bytes; false if the connection ends before.
[[nodiscard]] bool read_all(int fd, void* to, std::size_t size_bytes);

/// Reads a request into a receive buffer of its size. False at the connection's end.
[[nodiscard]] bool receive(session& on, request_header& header);

/// Writes what is left of the reply. False if the connection is broken.
[[nodiscard]] bool send(session& on);

}  // namespace attribution
