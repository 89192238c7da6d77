// socket_calls.cpp - the calls by which connections come.
#include <cerrno>
#include <sys/socket.h>

#include "shim/attribution/unclaimed.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/calls/arrivals.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/known_descriptors.hpp"
#include "shim/lifetime/descriptors.hpp"
#include "shim/lifetime/socket_kind.hpp"
#include "shim/report/recorder.hpp"

namespace connarena::shim {
namespace {

/// A socket got its peer, now or when it was `connecting`.
void connected(int fd) noexcept {
  if (!is_stream(fd) || !are_descriptors_known()) return;
  const connection_id connection = begin_connection(fd);
  put_connection(fd, connection);
  serve(connection);
}

/// An answer that says nothing new about the socket leaves it as it is.
void connect_failed(int fd, int error) noexcept {
  const bool was_connecting = connection_at(fd) == connecting;
  switch (error) {
    case EINPROGRESS:
    case EINTR:  // the connect goes on
      if (is_stream(fd)) put_connection(fd, connecting);
      return;
    case EISCONN:
      if (was_connecting) connected(fd);
      return;
    case EALREADY:
      return;
    default:
      if (was_connecting) put_connection(fd, 0);
  }
}

}  // namespace

int accepted(int fd) noexcept {
  if (fd < 0) return fd;
  const unbroken here;
  const errno_kept kept;
  if (!are_descriptors_known()) return fd;
  const connection_id connection = begin_connection(fd);
  put_connection(fd, connection);
  serve(connection);
  return fd;
}

void note_connect(int fd, const sockaddr* peer, socklen_t peer_size, bool has_succeeded) noexcept {
  const unbroken here;
  const errno_kept kept;
  forget_unclaimed();
  if (!has_succeeded) {
    connect_failed(fd, errno);
  } else if (peer_size >= sizeof(sa_family_t) && peer->sa_family == AF_UNSPEC) {
    put_connection(fd, 0);  // dissolved; the descriptor stays
  } else {
    connected(fd);
  }
}

void note_pair(int type, const int ends[2]) noexcept {
  const unbroken here;
  const errno_kept kept;
  forget_unclaimed();
  for (int i = 0; i < 2; ++i) {
    const bool is_connection = is_stream_type(type) && are_descriptors_known();
    put_connection(ends[i], is_connection ? begin_connection(ends[i]) : 0);
  }
}

}  // namespace connarena::shim

using namespace connarena::shim;

CONNARENA_REPLACES int socket(int domain, int type, int protocol) noexcept {
  report::socket_made();
  return made_descriptor(next().socket(domain, type, protocol));
}

CONNARENA_REPLACES int socketpair(int domain, int type, int protocol, int ends[2]) noexcept {
  const int result = next().socketpair(domain, type, protocol, ends);
  if (result == 0) note_pair(type, ends);
  return result;
}

CONNARENA_REPLACES int accept(int listener, sockaddr* peer, socklen_t* peer_size) {
  return accepted(
      waiting_for_one(listener, [=] { return next().accept(listener, peer, peer_size); }));
}

CONNARENA_REPLACES int accept4(int listener, sockaddr* peer, socklen_t* peer_size, int flags) {
  return accepted(
      waiting_for_one(listener, [=] { return next().accept4(listener, peer, peer_size, flags); }));
}

CONNARENA_REPLACES int connect(int fd, const sockaddr* peer, socklen_t peer_size) {
  const int result = next().connect(fd, peer, peer_size);
  note_connect(fd, peer, peer_size, result == 0);
  return result;
}
