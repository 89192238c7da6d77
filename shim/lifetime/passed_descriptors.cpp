#include "shim/lifetime/passed_descriptors.hpp"

#include <cstring>

#include "shim/handler_safe/errno_kept.hpp"
#include "shim/lifetime/descriptors.hpp"
#include "shim/lifetime/socket_kind.hpp"

namespace connarena::shim {
namespace {

void take(const cmsghdr& rights) noexcept {
  const std::size_t count = (rights.cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t i = 0; i < count; ++i) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(&rights) + i * sizeof fd, sizeof fd);
    put_connection(fd, is_connected_stream(fd) ? begin_connection(fd) : 0);
  }
}

}  // namespace

void take_passed_descriptors(msghdr& message) noexcept {
  if (message.msg_controllen < CMSG_LEN(sizeof(int))) return;
  const errno_kept kept;
  for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr;
       each = CMSG_NXTHDR(&message, each)) {
    if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SCM_RIGHTS) take(*each);
  }
}

}  // namespace connarena::shim
