// wait_calls.cpp - the calls that wait for any of several connections: meanwhile,
// and until it transfers bytes again, the thread serves none.

#include "shim/ambient.hpp"
#include "shim/exported.hpp"
#include "shim/replaced_calls.hpp"

using namespace connarena::shim;

CONNARENA_REPLACES int epoll_wait(int epoll, epoll_event* events, int count, int timeout_ms) {
  serve_none();
  return next().epoll_wait(epoll, events, count, timeout_ms);
}

CONNARENA_REPLACES int epoll_pwait(int epoll, epoll_event* events, int count, int timeout_ms,
                                   const sigset_t* mask) {
  serve_none();
  return next().epoll_pwait(epoll, events, count, timeout_ms, mask);
}

CONNARENA_REPLACES int epoll_pwait2(int epoll, epoll_event* events, int count,
                                    const timespec* timeout, const sigset_t* mask) {
  serve_none();
  return next().epoll_pwait2(epoll, events, count, timeout, mask);
}

CONNARENA_REPLACES int poll(pollfd* watched, nfds_t count, int timeout_ms) {
  serve_none();
  return next().poll(watched, count, timeout_ms);
}

CONNARENA_REPLACES int __poll_chk(pollfd* watched, nfds_t count, int timeout_ms, size_t room) {
  serve_none();
  return next().__poll_chk(watched, count, timeout_ms, room);
}

CONNARENA_REPLACES int ppoll(pollfd* watched, nfds_t count, const timespec* timeout,
                             const sigset_t* mask) {
  serve_none();
  return next().ppoll(watched, count, timeout, mask);
}

CONNARENA_REPLACES int __ppoll_chk(pollfd* watched, nfds_t count, const timespec* timeout,
                                   const sigset_t* mask, size_t room) {
  serve_none();
  return next().__ppoll_chk(watched, count, timeout, mask, room);
}

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
