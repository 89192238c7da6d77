// lone_wait.hpp - blocking calls of a program that has idle memory to return and no
// other thread to do it: before such a call blocks, its thread waits in parts, as
// parted_wait.hpp does for events, until nothing is left to return.
#pragma once

#include <semaphore.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <ctime>

namespace connarena::shim {

/// Whether that is so.
[[nodiscard]] bool is_untidy_alone() noexcept;

/// Before a call that blocks until the descriptor has one of poll's `events`. False if a
/// handler has run that ends such a call: errno is EINTR.
[[nodiscard]] bool tidy_until(int fd, short events) noexcept;

/// The same before a call that reads. Where it is known that something is there to read,
/// that asks the system nothing: a program that reads what comes all the time has few more
/// calls by it, and one that reads files one for each.
[[nodiscard]] bool tidy_until_input(int fd) noexcept;
/// That call has returned.
void note_input_read(int fd, ssize_t bytes) noexcept;

namespace detail {
/// What the calling thread knows of one descriptor.
struct known_input {
  int fd = -1;
  std::size_t bytes = 0;  ///< that a read finds without a wait; unlimited: it never waits
};
extern constinit thread_local known_input last_input __attribute__((tls_model("initial-exec")));
}  // namespace detail

/// The descriptor is closed, and another may have its number.
inline void forget_input(int fd) noexcept {
  if (detail::last_input.fd == fd) detail::last_input.fd = -1;
}

/// Before a wait for a semaphore, until a moment of a clock or, where that is null, for ever.
/// Keeps errno.
enum class posted { not_yet, taken, interrupted };
[[nodiscard]] posted tidy_until_posted(sem_t* semaphore, clockid_t clock,
                                       const timespec* until) noexcept;

/// Before a sleep of so long. Gives how much of it is left. A handler that runs ends it:
/// `is_interrupted` says so.
[[nodiscard]] std::int64_t tidy_in_sleep(std::int64_t time_ns, bool& is_interrupted) noexcept;

/// Before a call that blocks for something that cannot be waited for otherwise.
void tidy_before_long_wait() noexcept;

}  // namespace connarena::shim
