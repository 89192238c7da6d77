// event_calls.cpp - the calls that wait for any of several connections: meanwhile,
// and until it transfers bytes again, the thread serves none. A wait that lasts
// returns what is idle: see idle.hpp.

#include <algorithm>

#include "shim/attribution/ambient.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/readable.hpp"
#include "shim/lifetime/at_wait.hpp"
#include "shim/lifetime/parted_wait.hpp"

using namespace connarena::shim;

namespace {

std::int64_t in_ns(int timeout_ms) noexcept {
  return timeout_ms < 0 ? for_ever : timeout_ms * ns_a_ms;
}

/// What the system refuses is no time at all: the call itself then says so.
std::int64_t in_ns(const timespec* timeout) noexcept {
  if (timeout == nullptr || timeout->tv_sec > most_seconds) return for_ever;
  return is_time(*timeout) ? ns_of(*timeout) : 0;
}

/// A part of a wait, for the calls that take a timespec.
class part_of_wait {
 public:
  explicit part_of_wait(std::int64_t ns) noexcept : is_for_ever_(ns < 0), value_(time_of(ns)) {}
  [[nodiscard]] const timespec* pointer() const noexcept {
    return is_for_ever_ ? nullptr : &value_;
  }

 private:
  bool is_for_ever_;
  timespec value_;
};

template <typename Wait>
auto wait_for_events(std::int64_t timeout_ns, Wait wait) {
  const waiting here;
  serve_none();
  return_due();
  return note_events(wait_in_parts(timeout_ns, wait));
}

}  // namespace

CONNARENA_REPLACES int epoll_wait(int epoll, epoll_event* events, int count, int timeout_ms) {
  return wait_for_events(in_ns(timeout_ms), [=](std::int64_t part) {
    return next().epoll_wait(epoll, events, count, in_ms(part));
  });
}

CONNARENA_REPLACES int epoll_pwait(int epoll, epoll_event* events, int count, int timeout_ms,
                                   const sigset_t* mask) {
  return wait_for_events(in_ns(timeout_ms), [=](std::int64_t part) {
    return next().epoll_pwait(epoll, events, count, in_ms(part), mask);
  });
}

CONNARENA_REPLACES int epoll_pwait2(int epoll, epoll_event* events, int count,
                                    const timespec* timeout, const sigset_t* mask) {
  // The C library does not look at it.
  const bool is_there = timeout == nullptr || is_readable(timeout, sizeof *timeout);
  const std::int64_t whole = is_there ? in_ns(timeout) : 0;
  return wait_for_events(whole, [=](std::int64_t part) {
    return next().epoll_pwait2(epoll, events, count,
                               part == whole ? timeout : part_of_wait(part).pointer(), mask);
  });
}

CONNARENA_REPLACES int poll(pollfd* watched, nfds_t count, int timeout_ms) {
  return wait_for_events(in_ns(timeout_ms), [=](std::int64_t part) {
    return next().poll(watched, count, in_ms(part));
  });
}

CONNARENA_REPLACES int __poll_chk(pollfd* watched, nfds_t count, int timeout_ms, size_t room) {
  return wait_for_events(in_ns(timeout_ms), [=](std::int64_t part) {
    return next().__poll_chk(watched, count, in_ms(part), room);
  });
}

CONNARENA_REPLACES int ppoll(pollfd* watched, nfds_t count, const timespec* timeout,
                             const sigset_t* mask) {
  const std::int64_t whole = in_ns(timeout);
  return wait_for_events(whole, [=](std::int64_t part) {
    return next().ppoll(watched, count, part == whole ? timeout : part_of_wait(part).pointer(),
                        mask);
  });
}

CONNARENA_REPLACES int __ppoll_chk(pollfd* watched, nfds_t count, const timespec* timeout,
                                   const sigset_t* mask, size_t room) {
  const std::int64_t whole = in_ns(timeout);
  return wait_for_events(whole, [=](std::int64_t part) {
    return next().__ppoll_chk(watched, count,
                              part == whole ? timeout : part_of_wait(part).pointer(), mask, room);
  });
}
