// io_calls.cpp - the calls that transfer bytes.
#include "shim/attribution/evidence.hpp"
#include "shim/attribution/waking_descriptors.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/lifetime/passed_descriptors.hpp"

using namespace connarena::shim;

namespace {

many_buffers buffers_of(const iovec* buffers, int count) noexcept {
  return {buffers, static_cast<std::size_t>(count)};
}

/// What recv knows of the flags of preadv2.
int receive_flags(int flags) noexcept { return (flags & RWF_NOWAIT) != 0 ? MSG_DONTWAIT : 0; }

/// Reads from what is an eventfd, or was one.
template <typename Call>
ssize_t reading_wake(int fd, void* buffer, Call call) {
  if (connection_at(fd) != 0) return receive(fd, 0, call, one_buffer{buffer});
  come_to_read_wake();
  const ssize_t bytes = receive(fd, 0, call, no_buffer{});
  note_wake_read(fd, buffer, bytes);
  return bytes;
}

}  // namespace

CONNARENA_REPLACES ssize_t read(int fd, void* buffer, size_t size) {
  const auto call = [=] { return next().read(fd, buffer, size); };
  if (is_waking(fd)) [[unlikely]]
    return reading_wake(fd, buffer, call);
  return receive(fd, 0, call, one_buffer{buffer});
}

CONNARENA_REPLACES ssize_t __read_chk(int fd, void* buffer, size_t size, size_t room) {
  return receive(
      fd, 0, [=] { return next().__read_chk(fd, buffer, size, room); }, one_buffer{buffer});
}

CONNARENA_REPLACES ssize_t write(int fd, const void* buffer, size_t size) {
  if (is_waking(fd)) [[unlikely]]
    come_to_write_wake(fd);
  return transfer(
      fd, [=] { return next().write(fd, buffer, size); }, one_buffer{buffer});
}

CONNARENA_REPLACES ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  return receive(
      fd, flags, [=] { return next().recv(fd, buffer, size, flags); }, one_buffer{buffer});
}

CONNARENA_REPLACES ssize_t __recv_chk(int fd, void* buffer, size_t size, size_t room, int flags) {
  return receive(
      fd, flags, [=] { return next().__recv_chk(fd, buffer, size, room, flags); },
      one_buffer{buffer});
}

CONNARENA_REPLACES ssize_t send(int fd, const void* buffer, size_t size, int flags) {
  return transfer(
      fd, [=] { return next().send(fd, buffer, size, flags); }, one_buffer{buffer});
}

CONNARENA_REPLACES ssize_t recvfrom(int fd, void* buffer, size_t size, int flags, sockaddr* from,
                                    socklen_t* from_size) {
  return receive(
      fd, flags, [=] { return next().recvfrom(fd, buffer, size, flags, from, from_size); },
      one_buffer{buffer});
}

CONNARENA_REPLACES ssize_t __recvfrom_chk(int fd, void* buffer, size_t size, size_t room, int flags,
                                          sockaddr* from, socklen_t* from_size) {
  return receive(
      fd, flags,
      [=] { return next().__recvfrom_chk(fd, buffer, size, room, flags, from, from_size); },
      one_buffer{buffer});
}

CONNARENA_REPLACES ssize_t sendto(int fd, const void* buffer, size_t size, int flags,
                                  const sockaddr* to, socklen_t to_size) {
  return transfer(
      fd, [=] { return next().sendto(fd, buffer, size, flags, to, to_size); }, one_buffer{buffer});
}

CONNARENA_REPLACES ssize_t readv(int fd, const iovec* buffers, int count) {
  return receive(
      fd, 0, [=] { return next().readv(fd, buffers, count); }, buffers_of(buffers, count));
}

CONNARENA_REPLACES ssize_t writev(int fd, const iovec* buffers, int count) {
  return transfer(
      fd, [=] { return next().writev(fd, buffers, count); }, buffers_of(buffers, count));
}

// At an offset of -1 these four transfer as readv and writev do.

CONNARENA_REPLACES ssize_t preadv2(int fd, const iovec* buffers, int count, off_t at, int flags) {
  return receive(
      fd, receive_flags(flags), [=] { return next().preadv2(fd, buffers, count, at, flags); },
      buffers_of(buffers, count));
}

CONNARENA_REPLACES ssize_t preadv64v2(int fd, const iovec* buffers, int count, off64_t at,
                                      int flags) {
  return receive(
      fd, receive_flags(flags), [=] { return next().preadv64v2(fd, buffers, count, at, flags); },
      buffers_of(buffers, count));
}

CONNARENA_REPLACES ssize_t pwritev2(int fd, const iovec* buffers, int count, off_t at, int flags) {
  return transfer(
      fd, [=] { return next().pwritev2(fd, buffers, count, at, flags); },
      buffers_of(buffers, count));
}

CONNARENA_REPLACES ssize_t pwritev64v2(int fd, const iovec* buffers, int count, off64_t at,
                                       int flags) {
  return transfer(
      fd, [=] { return next().pwritev64v2(fd, buffers, count, at, flags); },
      buffers_of(buffers, count));
}

CONNARENA_REPLACES ssize_t recvmsg(int fd, msghdr* message, int flags) {
  const ssize_t bytes = receive(
      fd, flags, [=] { return next().recvmsg(fd, message, flags); }, one_message{message});
  if (bytes >= 0) take_passed_descriptors(*message);
  return bytes;
}

CONNARENA_REPLACES ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  return transfer(
      fd, [=] { return next().sendmsg(fd, message, flags); }, one_message{message});
}

CONNARENA_REPLACES int recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags,
                                timespec* timeout) {
  const int received = receive(
      fd, flags, [=] { return next().recvmmsg(fd, messages, count, flags, timeout); },
      many_messages{messages});
  for (int i = 0; i < received; ++i) take_passed_descriptors(messages[i].msg_hdr);
  return received;
}

CONNARENA_REPLACES int sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  return transfer(
      fd, [=] { return next().sendmmsg(fd, messages, count, flags); }, many_messages{messages});
}

CONNARENA_REPLACES ssize_t sendfile(int to, int from, off_t* at, size_t size) noexcept {
  return transfer(
      to, [=] { return next().sendfile(to, from, at, size); }, no_buffer{});
}

CONNARENA_REPLACES ssize_t sendfile64(int to, int from, off64_t* at, size_t size) noexcept {
  return transfer(
      to, [=] { return next().sendfile64(to, from, at, size); }, no_buffer{});
}

CONNARENA_REPLACES ssize_t splice(int from, off64_t* from_at, int to, off64_t* to_at, size_t size,
                                  unsigned flags) {
  const int connection = connection_at(from) != 0 ? from : to;
  return transfer(
      connection, [=] { return next().splice(from, from_at, to, to_at, size, flags); },
      no_buffer{});
}
