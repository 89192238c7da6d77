// clients.hpp - clients of these servers, which know what each answer has to be.
#pragma once

#include <sys/socket.h>

namespace moving {

/// Clients on some threads make requests of every size, and look at the answers. The number
/// of threads that got a wrong one, or none in time.
[[nodiscard]] int run_clients(const sockaddr& server, socklen_t server_size);

}  // namespace moving
