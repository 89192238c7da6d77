// select_calls.cpp - select and pselect: as the calls of event_calls.cpp, but that they
// write over what they are asked for, also when the time has passed.
#include <algorithm>
#include <cstring>
#include <sys/select.h>

#include "shim/attribution/ambient.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/clock.hpp"
#include "shim/lifetime/at_wait.hpp"
#include "shim/lifetime/parted_wait.hpp"

using namespace connarena::shim;

namespace {

constexpr std::int64_t most_seconds = INT64_MAX / ns_a_second / 2;
constexpr std::int64_t ns_a_us = 1000;

/// The sets that a call was given, as they were.
class asked_sets {
 public:
  asked_sets(int count, fd_set* readable, fd_set* writable, fd_set* failed) noexcept
      : bytes_((static_cast<std::size_t>(std::max(count, 0)) + 63) / 64 * 8),
        given_{readable, writable, failed} {
    for (int i = 0; i < 3 && fit(); ++i) copy(kept_[i], given_[i]);
  }
  /// A program may have sets that are larger than the C library's.
  [[nodiscard]] bool fit() const noexcept { return bytes_ <= sizeof kept_[0]; }
  void restore() const noexcept {
    for (int i = 0; i < 3; ++i) copy(given_[i], kept_[i]);
  }

 private:
  void copy(void* to, const void* from) const noexcept {
    if (to != nullptr && from != nullptr) std::memcpy(to, from, bytes_);
  }

  std::size_t bytes_;
  fd_set* given_[3];
  unsigned char kept_[3][512];
};

template <typename Wait>
int wait_for_sets(const asked_sets& asked, std::int64_t timeout_ns, Wait wait) {
  return wait_in_parts(timeout_ns, [&](std::int64_t part) {
    asked.restore();
    return wait(part);
  });
}

}  // namespace

CONNARENA_REPLACES int select(int count, fd_set* readable, fd_set* writable, fd_set* failed,
                              timeval* timeout) {
  const waiting here;
  serve_none();
  return_due();
  const auto whole = [=] { return next().select(count, readable, writable, failed, timeout); };
  const bool is_odd = timeout != nullptr && (timeout->tv_sec < 0 || timeout->tv_usec < 0 ||
                                             timeout->tv_sec > most_seconds);
  if (is_odd || !is_untidy()) return note_events(whole());
  const asked_sets asked(count, readable, writable, failed);
  if (!asked.fit()) return note_events(whole());
  const std::int64_t whole_ns =
      timeout == nullptr ? for_ever : timeout->tv_sec * ns_a_second + timeout->tv_usec * ns_a_us;
  const std::int64_t start_ns = now_ns();
  const int result = wait_for_sets(asked, whole_ns, [=](std::int64_t part) {
    timeval time{part / ns_a_second, part % ns_a_second / ns_a_us};
    return next().select(count, readable, writable, failed, part < 0 ? nullptr : &time);
  });
  if (timeout != nullptr) {
    const std::int64_t left_ns = std::max<std::int64_t>(whole_ns - (now_ns() - start_ns), 0);
    *timeout = {left_ns / ns_a_second, left_ns % ns_a_second / ns_a_us};
  }
  return note_events(result);
}

CONNARENA_REPLACES int pselect(int count, fd_set* readable, fd_set* writable, fd_set* failed,
                               const timespec* timeout, const sigset_t* mask) {
  const waiting here;
  serve_none();
  return_due();
  const auto whole = [=] {
    return next().pselect(count, readable, writable, failed, timeout, mask);
  };
  const bool is_odd = timeout != nullptr && (timeout->tv_sec < 0 || timeout->tv_nsec < 0 ||
                                             timeout->tv_sec > most_seconds);
  if (is_odd || !is_untidy()) return note_events(whole());
  const asked_sets asked(count, readable, writable, failed);
  if (!asked.fit()) return note_events(whole());
  const std::int64_t whole_ns =
      timeout == nullptr ? for_ever : timeout->tv_sec * ns_a_second + timeout->tv_nsec;
  return note_events(wait_for_sets(asked, whole_ns, [=](std::int64_t part) {
    const timespec time{part / ns_a_second, part % ns_a_second};
    return next().pselect(count, readable, writable, failed, part < 0 ? nullptr : &time, mask);
  }));
}
