// parted_wait.hpp - a wait in parts, for a thread that has idle memory to return
// meanwhile: see idle.hpp.
//
// A part is the program's own call, with less time. A handler that runs between two parts
// would go unnoticed: the wait then ends as the call itself would, with EINTR. While
// events come before a part is over, nothing of this costs a system call.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/running_handlers.hpp"
#include "shim/lifetime/idle.hpp"
#include "shim/lifetime/live_rows.hpp"

namespace connarena::shim {

/// Time without end, where a wait's time is given in nanoseconds.
inline constexpr std::int64_t for_ever = -1;

/// Waits part by part for as long as `is_wanted()`. After a part in which nothing has come,
/// `then(part_ns)` does what is due, and gives how long the next one is. Takes off `timeout_ns`
/// what has passed; gives 0 if nothing has come.
template <typename Wait, typename Wanted, typename Then>
auto wait_part_by_part(std::int64_t& timeout_ns, std::int64_t part_ns, Wait wait, Wanted is_wanted,
                       Then then) {
  const std::uint32_t handlers = handlers_begun();
  while (is_wanted() && (timeout_ns < 0 || timeout_ns > part_ns)) {
    const auto early = wait(part_ns);
    if (early != 0) return early;
    if (timeout_ns > 0) timeout_ns -= part_ns;
    part_ns = then(part_ns);
    if (handlers_begun() != handlers) {
      errno = EINTR;
      return decltype(early){-1};
    }
  }
  return decltype(wait(part_ns)){0};
}

/// Waits for at most `timeout_ns`. Live figures that are behind are brought up to date once
/// nothing has come for a moment, and requests are carried out. `wait`: as below.
template <typename Wait>
auto wait_showing(std::int64_t timeout_ns, Wait wait) {
  const auto show = [](std::int64_t) {
    const std::int64_t next_ns = std::max(look_at_rows(), moment_ns);
    if (!are_rows_behind()) show_quiet_process();
    return next_ns;
  };
  auto early = wait_part_by_part(timeout_ns, moment_ns, wait, are_rows_behind, show);
  if (early != 0) return early;
  early =
      wait_part_by_part(timeout_ns, between_requests_ns, wait, may_be_asked, answer_request_after);
  return early != 0 ? early : wait(timeout_ns);
}

/// Waits for at most `timeout_ns` and returns idle memory as it becomes due.
/// `wait(part_ns)` is the call: what it gives is 0 when the time has passed. Gives what
/// the last part did.
template <typename Wait>
auto wait_in_parts(std::int64_t timeout_ns, Wait wait) {
  const bool is_long = timeout_ns < 0 || timeout_ns > moment_ns;
  if (!is_long || runs_handler()) return wait(timeout_ns);
  if (!is_untidy()) return wait_showing(timeout_ns, wait);
  const std::uint32_t handlers = handlers_begun();
  const std::int64_t start_ns = now_ns();
  std::int64_t passed_ns = 0;
  std::int64_t part_ns = 0;
  const auto has_time = [&] { return timeout_ns < 0 || timeout_ns - passed_ns > part_ns; };
  // What others leave after the last look and before the watch ends is seen here.
  while (part_ns != stuck && is_untidy()) {
    watch watching;
    part_ns = watching.first_look_ns();
    for (; part_ns >= 0 && has_time() && is_untidy(); passed_ns = now_ns() - start_ns) {
      const auto early = wait(part_ns);
      if (early != 0) return early;
      part_ns = watching.tidy();
      look_at_rows();
      if (handlers_begun() != handlers) {
        errno = EINTR;
        return decltype(early){-1};
      }
    }
    if (part_ns >= 0 && !has_time()) break;
  }
  if (timeout_ns >= 0) timeout_ns = std::max<std::int64_t>(timeout_ns - passed_ns, 0);
  return wait_showing(timeout_ns, wait);
}

}  // namespace connarena::shim
