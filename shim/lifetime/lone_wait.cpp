#include "shim/lifetime/lone_wait.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "api/core.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/allowed_calls.hpp"
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

/// For whoever may not wait at all.
void return_some_if_due() noexcept {
  if (core::is_return_due()) return_some();
}

bool never_blocks(int fd) noexcept {
  const int flags = next().fcntl(fd, F_GETFL);
  return flags < 0 || (flags & O_NONBLOCK) != 0;
}

// A read of it never waits.
constexpr std::size_t all_input = SIZE_MAX;

/// Whether a descriptor's reads take what somebody else sends.
bool is_sent_to(int fd) noexcept {
  struct stat status {};
  // Not by fstat: which system call that makes depends on the C library.
  if (next().syscall(SYS_fstat, fd, &status) != 0) return true;
  return S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode) || S_ISSOCK(status.st_mode) ||
         (status.st_mode & S_IFMT) == 0;  // an eventfd and its kin
}

/// As far as the system says.
std::size_t sent_bytes(int fd) noexcept {
  int bytes = 0;
  if (!may_count_input() || ioctl(fd, FIONREAD, &bytes) != 0) return 0;
  return bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

/// Whether a read of it finds something, as far as that is known.
bool has_input(int fd) noexcept {
  using detail::last_input;
  if (last_input.fd == fd && last_input.bytes != 0) return true;
  const errno_kept kept;
  if (last_input.fd != fd) last_input = {fd, is_sent_to(fd) ? 0 : all_input};
  if (last_input.bytes == 0) last_input.bytes = sent_bytes(fd);
  return last_input.bytes != 0;
}

bool comes_within(std::int64_t time_ns, int fd, short events) noexcept {
  const errno_kept kept;
  pollfd one{fd, events, 0};
  const timespec time = time_of(time_ns);
  return next().ppoll(&one, 1, &time, nullptr) > 0;
}

}  // namespace

constinit thread_local detail::known_input detail::last_input;

bool is_untidy_alone() noexcept { return has_own_excess() && !is_inside_core() && !runs_handler(); }

bool tidy_until(int fd, short events) noexcept {
  // A thread that waits for events does this there, and blocks in no other call for them.
  if (is_event_thread() || !may_ask_sockets()) return true;
  return_some_if_due();
  const handled_signals before = handled_until_now();
  if (comes_within(0, fd, events) || never_blocks(fd)) return true;
  for (std::int64_t next_ns = return_some(); next_ns > 0; next_ns = return_some()) {
    if (comes_within(next_ns, fd, events)) return true;
    if (have_ended_calls(before)) break;
  }
  if (!have_ended_calls(before)) return true;
  errno = EINTR;
  return false;
}

bool tidy_until_input(int fd) noexcept {
  if (is_event_thread() || !may_ask_sockets()) return true;
  if (!has_input(fd)) return tidy_until(fd, POLLIN);
  return_some_if_due();
  return true;
}

void note_input_read(int fd, ssize_t bytes) noexcept {
  detail::known_input& known = detail::last_input;
  if (known.fd != fd || known.bytes == all_input) return;
  const auto taken = static_cast<std::size_t>(bytes);
  known.bytes = bytes > 0 && taken < known.bytes ? known.bytes - taken : 0;
}

posted tidy_until_posted(sem_t* semaphore, clockid_t clock, const timespec* until) noexcept {
  if (is_event_thread()) return posted::not_yet;
  const errno_kept kept;
  const std::int64_t end_ns = until == nullptr ? INT64_MAX : is_time(*until) ? ns_of(*until) : 0;
  for (std::int64_t next_ns = return_some(); next_ns > 0; next_ns = return_some()) {
    const timespec part = time_of(ns_of(clock) + next_ns);
    if (ns_of(part) >= end_ns) break;
    if (next().sem_clockwait(semaphore, clock, &part) == 0) return posted::taken;
    if (errno == EINTR) return posted::interrupted;
    if (errno != ETIMEDOUT) break;
  }
  return posted::not_yet;
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
