// passed_descriptors.hpp - connections that another process passes over a socket
// with SCM_RIGHTS.
#pragma once

#include <sys/socket.h>

namespace connarena::shim {

/// Makes connections of the connected stream sockets that came with a message.
/// Keeps errno.
void take_passed_descriptors(msghdr& message) noexcept;

}  // namespace connarena::shim
