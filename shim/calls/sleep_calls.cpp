// sleep_calls.cpp - the calls that wait for time to pass. One that has idle memory to
// return sleeps in parts meanwhile: see lone_wait.hpp.
#include <cerrno>
#include <ctime>
#include <threads.h>
#include <unistd.h>

#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/readable.hpp"
#include "shim/lifetime/at_wait.hpp"
#include "shim/lifetime/lone_wait.hpp"

using namespace connarena::shim;

namespace {

/// Of what does not the system says what is wrong with it.
bool names_time(const timespec* time) noexcept {
  return time != nullptr && is_readable(time, sizeof *time) && is_time(*time);
}

/// Sleeps for what `time` says, in parts at first. `rest(time)` is the call itself. Gives
/// what that gives, or -1 with EINTR and what is left in `left`.
template <typename Rest>
int sleep_in_parts(const timespec* time, timespec* left, Rest rest) {
  if (!is_untidy_alone() || !names_time(time)) return rest(time);
  bool is_interrupted = false;
  const timespec now = time_of(tidy_in_sleep(ns_of(*time), is_interrupted));
  if (!is_interrupted) return rest(&now);
  if (left != nullptr) *left = now;
  errno = EINTR;
  return -1;
}

/// Before a sleep until a moment of a clock.
void tidy_until_moment(clockid_t clock, const timespec* moment) noexcept {
  if (!is_untidy_alone() || !names_time(moment)) return;
  bool is_interrupted = false;
  static_cast<void>(tidy_in_sleep(ns_of(*moment) - ns_of(clock), is_interrupted));
}

}  // namespace

CONNARENA_REPLACES int nanosleep(const timespec* time, timespec* left) {
  const waiting here;
  return sleep_in_parts(time, left,
                        [left](const timespec* rest) { return next().nanosleep(rest, left); });
}

CONNARENA_REPLACES int clock_nanosleep(clockid_t clock, int flags, const timespec* time,
                                       timespec* left) {
  const waiting here;
  const auto sleep_for = [=](const timespec* rest) {
    return next().clock_nanosleep(clock, flags, rest, left);
  };
  if ((flags & TIMER_ABSTIME) != 0) {
    tidy_until_moment(clock, time);
    return sleep_for(time);
  }
  const errno_kept kept;
  const int result = sleep_in_parts(time, left, sleep_for);
  return result == -1 ? EINTR : result;
}

CONNARENA_REPLACES unsigned sleep(unsigned seconds) {
  const waiting here;
  if (!is_untidy_alone()) return next().sleep(seconds);
  const timespec time{seconds, 0};
  timespec left{};
  const int result = sleep_in_parts(
      &time, &left, [&left](const timespec* rest) { return next().nanosleep(rest, &left); });
  return result == 0 ? 0 : static_cast<unsigned>(left.tv_sec + (left.tv_nsec != 0 ? 1 : 0));
}

CONNARENA_REPLACES int usleep(useconds_t microseconds) {
  const waiting here;
  if (!is_untidy_alone()) return next().usleep(microseconds);
  const timespec time = time_of(std::int64_t{microseconds} * 1000);
  return sleep_in_parts(&time, nullptr,
                        [](const timespec* rest) { return next().nanosleep(rest, nullptr); });
}

CONNARENA_REPLACES int thrd_sleep(const timespec* time, timespec* left) {
  const waiting here;
  return sleep_in_parts(time, left,
                        [left](const timespec* rest) { return next().thrd_sleep(rest, left); });
}
