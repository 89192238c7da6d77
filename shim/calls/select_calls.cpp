// select_calls.cpp - select and pselect: as the calls of event_calls.cpp, but that they
// write over what they are asked for, also when the time has passed.
#include <algorithm>
#include <cstring>
#include <sys/select.h>

#include "shim/attribution/ambient.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/readable.hpp"
#include "shim/lifetime/at_wait.hpp"
#include "shim/lifetime/parted_wait.hpp"

using namespace connarena::shim;

namespace {

constexpr std::int64_t ns_a_us = 1000;

constexpr std::size_t most_bytes = 512;  ///< of a set: it has a bit for each descriptor

/// The sets of a call. A program may have some that are larger than the C library's.
struct given_sets {
  given_sets(int count, fd_set* readable, fd_set* writable, fd_set* failed) noexcept
      : bytes((static_cast<std::size_t>(std::max(count, 0)) + 63) / 64 * 8),
        sets{readable, writable, failed} {}
  [[nodiscard]] bool fit() const noexcept { return bytes <= most_bytes; }
  [[nodiscard]] bool are_readable() const noexcept {
    return std::all_of(sets, sets + 3, [this](const fd_set* each) {
      return each == nullptr || bytes == 0 || is_readable(each, bytes);
    });
  }

  std::size_t bytes;
  fd_set* sets[3];
};

/// What they asked for. Pre: they fit.
class kept_sets {
 public:
  explicit kept_sets(const given_sets& given) noexcept : given_(given) {
    for (int i = 0; i < 3; ++i) copy(kept_[i], given_.sets[i]);
  }
  void restore() const noexcept {
    for (int i = 0; i < 3; ++i) copy(given_.sets[i], kept_[i]);
  }

 private:
  void copy(void* to, const void* from) const noexcept {
    if (to != nullptr && from != nullptr) std::memcpy(to, from, given_.bytes);
  }

  const given_sets& given_;
  unsigned char kept_[3][most_bytes];
};

/// A wait for sets. `whole()` is the program's own call, and `part(ns)` the same with less
/// time; a `timeout_ns` below `for_ever` is none that the system takes.
template <typename Whole, typename Part>
int wait_for_sets(const given_sets& given, std::int64_t timeout_ns, Whole whole, Part part) {
  const waiting here;
  serve_none();
  return_due();
  const bool is_long = timeout_ns < 0 || timeout_ns > between_requests_ns;
  const bool is_parted = is_untidy() || (is_long && may_be_asked());
  if (timeout_ns < for_ever || !given.fit() || !is_parted) return note_events(whole());
  if (!given.are_readable()) return note_events(whole());
  const kept_sets asked(given);
  return note_events(wait_in_parts(timeout_ns, [&](std::int64_t part_ns) {
    asked.restore();
    return part(part_ns);
  }));
}

constexpr std::int64_t refused_time = for_ever - 1;

std::int64_t in_ns(const timeval* timeout) noexcept {
  if (timeout == nullptr) return for_ever;
  if (timeout->tv_sec < 0 || timeout->tv_usec < 0 || timeout->tv_sec > most_seconds) {
    return refused_time;
  }
  return timeout->tv_sec * ns_a_second + timeout->tv_usec * ns_a_us;
}

std::int64_t in_ns(const timespec* timeout) noexcept {
  if (timeout == nullptr) return for_ever;
  return is_time(*timeout) ? ns_of(*timeout) : refused_time;
}

}  // namespace

CONNARENA_REPLACES int select(int count, fd_set* readable, fd_set* writable, fd_set* failed,
                              timeval* timeout) {
  const std::int64_t whole_ns = in_ns(timeout);
  std::int64_t parts_from_ns = 0;
  const int result = wait_for_sets(
      given_sets(count, readable, writable, failed), whole_ns,
      [=] { return next().select(count, readable, writable, failed, timeout); },
      [&](std::int64_t part_ns) {
        if (parts_from_ns == 0) parts_from_ns = now_ns();
        timeval time{part_ns / ns_a_second, part_ns % ns_a_second / ns_a_us};
        return next().select(count, readable, writable, failed, part_ns < 0 ? nullptr : &time);
      });
  if (timeout != nullptr && parts_from_ns != 0) {
    const std::int64_t left_ns = std::max<std::int64_t>(whole_ns - (now_ns() - parts_from_ns), 0);
    *timeout = {left_ns / ns_a_second, left_ns % ns_a_second / ns_a_us};
  }
  return result;
}

CONNARENA_REPLACES int pselect(int count, fd_set* readable, fd_set* writable, fd_set* failed,
                               const timespec* timeout, const sigset_t* mask) {
  return wait_for_sets(
      given_sets(count, readable, writable, failed), in_ns(timeout),
      [=] { return next().pselect(count, readable, writable, failed, timeout, mask); },
      [=](std::int64_t part_ns) {
        const timespec time = time_of(part_ns);
        return next().pselect(count, readable, writable, failed, part_ns < 0 ? nullptr : &time,
                              mask);
      });
}
