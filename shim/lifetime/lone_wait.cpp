#include "shim/lifetime/lone_wait.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>

#include "api/core.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/running_handlers.hpp"
#include "shim/lifetime/idle.hpp"

namespace connarena::shim {
namespace {

/// Returns what is due. Gives after how long there will be more; negative: never.
std::int64_t return_some() noexcept {
  const errno_kept kept;
  const inside_core inside;
  std::int64_t next_ns = 0;
  while (next_ns == 0) next_ns = core::return_idle();
  return next_ns;
}

bool never_blocks(int fd) noexcept {
  const int flags = next().fcntl(fd, F_GETFL);
  return flags < 0 || (flags & O_NONBLOCK) != 0;
}

}  // namespace

bool is_untidy_alone() noexcept { return has_own_excess() && !is_inside_core() && !runs_handler(); }

bool tidy_until(int fd, short events) noexcept {
  // A thread that waits for events does this there, and blocks in no other call for them.
  if (is_event_thread() || never_blocks(fd)) return true;
  const handled_signals before = handled_until_now();
  for (std::int64_t next_ns = return_some(); next_ns > 0; next_ns = return_some()) {
    pollfd one{fd, events, 0};
    const errno_kept kept;
    if (next().poll(&one, 1, in_ms(next_ns)) > 0) return true;
    if (have_ended_calls(before)) break;
  }
  if (!have_ended_calls(before)) return true;
  errno = EINTR;
  return false;
}

std::int64_t tidy_in_sleep(std::int64_t time_ns, bool& is_interrupted) noexcept {
  const std::int64_t end_ns = now_ns() + time_ns;
  const std::uint32_t handlers = handlers_begun();
  is_interrupted = false;
  for (std::int64_t next_ns = return_some(); next_ns > 0; next_ns = return_some()) {
    const std::int64_t part_ns = std::min(next_ns, end_ns - now_ns());
    if (part_ns <= 0) break;
    const timespec part = time_of(part_ns);
    if (next().nanosleep(&part, nullptr) != 0 || handlers_begun() != handlers) {
      is_interrupted = true;
      break;
    }
  }
  return std::max<std::int64_t>(end_ns - now_ns(), 0);
}

void tidy_before_long_wait() noexcept {
  if (!is_untidy_alone()) return;
  const errno_kept kept;
  const inside_core inside;
  core::be_idle();
}

}  // namespace connarena::shim
