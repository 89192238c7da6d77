// arrivals.hpp - what is noted after a call by which connections come, whether it is the C
// library's function or a bare system call. Each keeps errno.
#pragma once

#include <sys/socket.h>

#include "shim/attribution/ambient.hpp"
#include "shim/lifetime/at_wait.hpp"
#include "shim/lifetime/lone_wait.hpp"

namespace connarena::shim {

/// What accept returned, which is returned.
int accepted(int fd) noexcept;
/// What connect returned.
void note_connect(int fd, const sockaddr* peer, socklen_t peer_size, bool has_succeeded) noexcept;
/// socketpair has succeeded.
void note_pair(int type, const int ends[2]) noexcept;

template <typename Accept>
int waiting_for_one(int listener, Accept accept) {
  const waiting here;
  serve_none();
  if (is_untidy_alone() && !tidy_until(listener, POLLIN)) return -1;
  return static_cast<int>(accept());
}

}  // namespace connarena::shim
