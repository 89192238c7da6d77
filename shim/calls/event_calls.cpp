// event_calls.cpp - the calls that wait for any of several connections: meanwhile,
// and until it transfers bytes again, the thread serves none. A wait that lasts
// returns what is idle: see idle.hpp.

#include <algorithm>

#include "shim/attribution/ambient.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/held_signals.hpp"
#include "shim/handler_safe/running_handlers.hpp"
#include "shim/lifetime/at_wait.hpp"
#include "shim/lifetime/idle.hpp"

using namespace connarena::shim;

namespace {

constexpr std::int64_t for_ever = -1;
constexpr std::int64_t most_seconds = INT64_MAX / ns_a_second / 2;

std::int64_t in_ns(int timeout_ms) noexcept {
  return timeout_ms < 0 ? for_ever : timeout_ms * ns_a_ms;
}
/// Rounded up: a wait never ends early.
int in_ms(std::int64_t ns) noexcept {
  return ns < 0 ? -1 : static_cast<int>((ns + ns_a_ms - 1) / ns_a_ms);
}

/// What the system refuses is no time at all: the call itself then says so.
std::int64_t in_ns(const timespec* timeout) noexcept {
  if (timeout == nullptr || timeout->tv_sec > most_seconds) return for_ever;
  if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= ns_a_second) return 0;
  return timeout->tv_sec * ns_a_second + timeout->tv_nsec;
}

/// A part of a wait, for the calls that take a timespec.
class part_of_wait {
 public:
  explicit part_of_wait(std::int64_t ns) noexcept
      : is_for_ever_(ns < 0), value_{ns / ns_a_second, ns % ns_a_second} {}
  [[nodiscard]] const timespec* pointer() const noexcept {
    return is_for_ever_ ? nullptr : &value_;
  }

 private:
  bool is_for_ever_;
  timespec value_;
};

const sigset_t* first_of(const sigset_t* asked, const sigset_t* held) noexcept {
  return asked != nullptr ? asked : held;
}

/// Waits in parts while there is something to return. `wait(part_ns, mask)` is the
/// call itself: -1 is for ever, and 0 the answer when the time has passed. Without
/// a mask it is the program's own call, unchanged. Between the parts signals are held
/// back: one that comes there interrupts the next part.
template <typename Wait>
auto wait_and_tidy(std::int64_t timeout_ns, Wait wait) {
  const waiting here;
  serve_none();
  return_share();
  const bool is_long = timeout_ns < 0 || timeout_ns > moment_ns;
  if (!is_long || !is_untidy()) return note_events(wait(timeout_ns, nullptr));
  // At work, events are there already: then nothing of what follows is paid for.
  if (const auto ready = wait(0, nullptr); ready != 0) return note_events(ready);
  if (runs_handler()) return note_events(wait(timeout_ns, nullptr));
  const held_signals held;
  const std::int64_t start_ns = now_ns();
  std::int64_t passed_ns = 0;
  std::int64_t part_ns = 0;
  const auto has_time = [&] { return timeout_ns < 0 || timeout_ns - passed_ns > part_ns; };
  // What others leave after the last look and before the watch ends is seen here.
  while (part_ns != stuck && is_untidy()) {
    watch watching;
    part_ns = watching.first_look_ns();
    for (; part_ns >= 0 && has_time() && is_untidy(); passed_ns = now_ns() - start_ns) {
      const auto early = wait(part_ns, held.before());
      if (early != 0) return note_events(early);
      part_ns = watching.tidy();
    }
    if (part_ns >= 0 && !has_time()) break;
  }
  if (timeout_ns >= 0) timeout_ns = std::max<std::int64_t>(timeout_ns - passed_ns, 0);
  return note_events(wait(timeout_ns, held.before()));
}

}  // namespace

CONNARENA_REPLACES int epoll_wait(int epoll, epoll_event* events, int count, int timeout_ms) {
  return wait_and_tidy(in_ns(timeout_ms), [=](std::int64_t part, const sigset_t* held) {
    return held == nullptr ? next().epoll_wait(epoll, events, count, in_ms(part))
                           : next().epoll_pwait(epoll, events, count, in_ms(part), held);
  });
}

CONNARENA_REPLACES int epoll_pwait(int epoll, epoll_event* events, int count, int timeout_ms,
                                   const sigset_t* mask) {
  return wait_and_tidy(in_ns(timeout_ms), [=](std::int64_t part, const sigset_t* held) {
    return next().epoll_pwait(epoll, events, count, in_ms(part), first_of(mask, held));
  });
}

CONNARENA_REPLACES int epoll_pwait2(int epoll, epoll_event* events, int count,
                                    const timespec* timeout, const sigset_t* mask) {
  const std::int64_t whole = in_ns(timeout);
  return wait_and_tidy(whole, [=](std::int64_t part, const sigset_t* held) {
    return next().epoll_pwait2(epoll, events, count,
                               part == whole ? timeout : part_of_wait(part).pointer(),
                               first_of(mask, held));
  });
}

CONNARENA_REPLACES int poll(pollfd* watched, nfds_t count, int timeout_ms) {
  return wait_and_tidy(in_ns(timeout_ms), [=](std::int64_t part, const sigset_t* held) {
    if (held == nullptr) return next().poll(watched, count, in_ms(part));
    return next().ppoll(watched, count, part_of_wait(part).pointer(), held);
  });
}

CONNARENA_REPLACES int __poll_chk(pollfd* watched, nfds_t count, int timeout_ms, size_t room) {
  return wait_and_tidy(in_ns(timeout_ms), [=](std::int64_t part, const sigset_t* held) {
    if (held == nullptr) return next().__poll_chk(watched, count, in_ms(part), room);
    return next().__ppoll_chk(watched, count, part_of_wait(part).pointer(), held, room);
  });
}

CONNARENA_REPLACES int ppoll(pollfd* watched, nfds_t count, const timespec* timeout,
                             const sigset_t* mask) {
  const std::int64_t whole = in_ns(timeout);
  return wait_and_tidy(whole, [=](std::int64_t part, const sigset_t* held) {
    return next().ppoll(watched, count, part == whole ? timeout : part_of_wait(part).pointer(),
                        first_of(mask, held));
  });
}

CONNARENA_REPLACES int __ppoll_chk(pollfd* watched, nfds_t count, const timespec* timeout,
                                   const sigset_t* mask, size_t room) {
  const std::int64_t whole = in_ns(timeout);
  return wait_and_tidy(whole, [=](std::int64_t part, const sigset_t* held) {
    return next().__ppoll_chk(watched, count,
                              part == whole ? timeout : part_of_wait(part).pointer(),
                              first_of(mask, held), room);
  });
}

// select writes its sets even when the time has passed: it is one wait.
CONNARENA_REPLACES int select(int count, fd_set* readable, fd_set* writable, fd_set* failed,
                              timeval* timeout) {
  const waiting here;
  serve_none();
  return next().select(count, readable, writable, failed, timeout);
}

CONNARENA_REPLACES int pselect(int count, fd_set* readable, fd_set* writable, fd_set* failed,
                               const timespec* timeout, const sigset_t* mask) {
  const waiting here;
  serve_none();
  return next().pselect(count, readable, writable, failed, timeout, mask);
}
