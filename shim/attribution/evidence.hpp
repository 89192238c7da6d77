// evidence.hpp - what a call that transfers bytes says about connections: the
// thread serves this one, and the runs that the bytes went through are its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "api/core.hpp"
#include "shim/attribution/ambient.hpp"
#include "shim/attribution/wakes.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/known_descriptors.hpp"
#include "shim/lifetime/at_wait.hpp"
#include "shim/lifetime/descriptors.hpp"
#include "shim/lifetime/live_rows.hpp"
#include "shim/lifetime/lone_wait.hpp"

namespace connarena::shim {

/// Bytes of a connection went through [address, address + size).
void adopt(connection_id connection, const void* address, std::size_t size_bytes) noexcept;

// Each kind of evidence is called with the connection and what the call returned,
// which is positive.

/// No buffer of the program took part.
struct no_buffer {
  template <typename Result>
  void operator()(connection_id, Result) const noexcept {}
};

struct one_buffer {
  const void* address;
  void operator()(connection_id connection, ssize_t bytes) const noexcept {
    adopt(connection, address, static_cast<std::size_t>(bytes));
  }
};

struct many_buffers {
  const iovec* buffers;
  std::size_t count;
  void operator()(connection_id connection, ssize_t bytes) const noexcept {
    auto left = static_cast<std::size_t>(bytes);
    for (std::size_t i = 0; i < count && left > 0; ++i) {
      const std::size_t part = std::min(left, buffers[i].iov_len);
      if (part > 0) adopt(connection, buffers[i].iov_base, part);
      left -= part;
    }
  }
};

struct one_message {
  const msghdr* message;
  void operator()(connection_id connection, ssize_t bytes) const noexcept {
    many_buffers{message->msg_iov, message->msg_iovlen}(connection, bytes);
  }
};

struct many_messages {
  const mmsghdr* messages;
  void operator()(connection_id connection, ssize_t count) const noexcept {
    for (ssize_t i = 0; i < count; ++i) {
      one_message{&messages[i].msg_hdr}(connection, messages[i].msg_len);
    }
  }
};

enum class direction : bool { in, out };

/// What such a call says of what the thread makes next.
inline void note_transfer(direction way, bool has_passed) noexcept {
  sign& last = this_thread_state.last_sign;
  if (way == direction::out || (!has_passed && last == sign::worked)) {
    last = sign::sent;
  } else if (has_passed) {
    last = sign::received;
  }
}

/// The part of transfer that is for connections only.
template <typename Result, typename Evidence>
void took_part(int fd, connection_id connection, direction way, Result result,
               Evidence evidence) noexcept {
  const unbroken here;
  if (has_own_descriptors()) [[unlikely]]
    return;
  if (result < 0) note_failed_call(fd, connection);
  if (connection == connecting) {
    if (result <= 0) return;
    connection = finish_connecting(fd);
    if (connection == 0) return;
  }
  if (this_thread_state.may_have_job) [[unlikely]]
    take_job();
  serve(connection);
  note_transfer(way, result > 0);
  if (result > 0) evidence(connection, result);
}

/// Makes a call on a descriptor and takes its evidence. The connection is looked
/// up before the call: after it the descriptor may be another's.
template <typename Call, typename Evidence>
[[gnu::always_inline]] inline auto transfer(int fd, Call call, Evidence evidence) {
  const connection_id connection = connection_at(fd);
  if (connection == 0) return call();
  const auto result = call();
  took_part(fd, connection, direction::out, result, evidence);
  return result;
}

/// Makes a call that reads, with its flags. Where it waits, idle memory goes first.
template <typename Call>
[[gnu::always_inline]] inline auto tidying(int fd, int flags, Call call) {
  if (!core::has_excess() || (flags & MSG_DONTWAIT) != 0 || !is_untidy_alone()) [[likely]]
    return call();
  if (!tidy_until_input(fd)) return decltype(call()){-1};
  const auto result = call();
  note_input_read(fd, result);
  return result;
}

/// The same for a call that reads, with its flags.
template <typename Call, typename Evidence>
[[gnu::always_inline]] inline auto receive(int fd, int flags, Call call, Evidence evidence) {
  const connection_id connection = connection_at(fd);
  // Pipes, terminals and kin block as well.
  if (connection == 0) return tidying(fd, flags, call);
  const auto result = [&]() __attribute__((always_inline)) {
    if ((flags & MSG_DONTWAIT) != 0) return call();
    show_on_reading(connection);
    const reading here(fd, connection);
    return tidying(fd, flags, call);
  }
  ();
  took_part(fd, connection, direction::in, result, evidence);
  return result;
}

}  // namespace connarena::shim
