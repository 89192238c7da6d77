// wait_calls.cpp - the calls that wait for any of several connections: meanwhile,
// and until it transfers bytes again, the thread serves none. A wait that lasts
// returns what is idle: see idle.hpp.

#include "shim/ambient.hpp"
#include "shim/exported.hpp"
#include "shim/idle.hpp"
#include "shim/replaced_calls.hpp"

using namespace connarena::shim;

namespace {

constexpr std::int64_t for_ever = -1;
constexpr std::int64_t ns_a_ms = 1000000;

std::int64_t milliseconds(const timespec* timeout) noexcept {
  return timeout == nullptr ? for_ever : timeout->tv_sec * 1000 + timeout->tv_nsec / ns_a_ms;
}

/// The last part of a wait keeps what is below a millisecond.
timespec part_of(const timespec* timeout, std::int64_t part_ms) noexcept {
  const long below = timeout == nullptr ? 0 : timeout->tv_nsec % ns_a_ms;
  return {part_ms / 1000, part_ms % 1000 * ns_a_ms + below};
}

/// A wait whose timeout counts milliseconds.
template <typename Call>
int wait_ms(int timeout_ms, Call call) {
  serve_none();
  return wait_and_tidy(timeout_ms,
                       [&](std::int64_t part_ms) { return call(static_cast<int>(part_ms)); });
}

/// A wait whose timeout is a span of time, or null for ever.
template <typename Call>
int wait_span(const timespec* timeout, Call call) {
  serve_none();
  return wait_and_tidy(milliseconds(timeout), [&](std::int64_t part_ms) {
    if (part_ms < 0) return call(nullptr);
    const timespec part = part_of(timeout, part_ms);
    return call(&part);
  });
}

}  // namespace

CONNARENA_REPLACES int epoll_wait(int epoll, epoll_event* events, int count, int timeout_ms) {
  return wait_ms(timeout_ms,
                 [=](int part_ms) { return next().epoll_wait(epoll, events, count, part_ms); });
}

CONNARENA_REPLACES int epoll_pwait(int epoll, epoll_event* events, int count, int timeout_ms,
                                   const sigset_t* mask) {
  return wait_ms(timeout_ms, [=](int part_ms) {
    return next().epoll_pwait(epoll, events, count, part_ms, mask);
  });
}

CONNARENA_REPLACES int epoll_pwait2(int epoll, epoll_event* events, int count,
                                    const timespec* timeout, const sigset_t* mask) {
  return wait_span(timeout, [=](const timespec* part) {
    return next().epoll_pwait2(epoll, events, count, part, mask);
  });
}

CONNARENA_REPLACES int poll(pollfd* watched, nfds_t count, int timeout_ms) {
  return wait_ms(timeout_ms, [=](int part_ms) { return next().poll(watched, count, part_ms); });
}

CONNARENA_REPLACES int __poll_chk(pollfd* watched, nfds_t count, int timeout_ms, size_t room) {
  return wait_ms(timeout_ms,
                 [=](int part_ms) { return next().__poll_chk(watched, count, part_ms, room); });
}

CONNARENA_REPLACES int ppoll(pollfd* watched, nfds_t count, const timespec* timeout,
                             const sigset_t* mask) {
  return wait_span(timeout,
                   [=](const timespec* part) { return next().ppoll(watched, count, part, mask); });
}

CONNARENA_REPLACES int __ppoll_chk(pollfd* watched, nfds_t count, const timespec* timeout,
                                   const sigset_t* mask, size_t room) {
  return wait_span(timeout, [=](const timespec* part) {
    return next().__ppoll_chk(watched, count, part, mask, room);
  });
}

// select writes its sets even when the time has passed: it is one wait.
CONNARENA_REPLACES int select(int count, fd_set* readable, fd_set* writable, fd_set* failed,
                              timeval* timeout) {
  serve_none();
  return next().select(count, readable, writable, failed, timeout);
}

CONNARENA_REPLACES int pselect(int count, fd_set* readable, fd_set* writable, fd_set* failed,
                               const timespec* timeout, const sigset_t* mask) {
  serve_none();
  return next().pselect(count, readable, writable, failed, timeout, mask);
}
