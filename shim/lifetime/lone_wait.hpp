// lone_wait.hpp - blocking calls of a program that has idle memory to return and no
// other thread to do it: before such a call blocks, its thread waits in parts, as
// parted_wait.hpp does for events, until nothing is left to return.
#pragma once

#include <cstdint>

namespace connarena::shim {

/// Whether that is so.
[[nodiscard]] bool is_untidy_alone() noexcept;

/// Before a call that blocks until the descriptor has one of poll's `events`. False if a
/// handler has run that ends such a call: errno is EINTR.
[[nodiscard]] bool tidy_until(int fd, short events) noexcept;

/// Before a sleep of so long. Gives how much of it is left. A handler that runs ends it:
/// `is_interrupted` says so.
[[nodiscard]] std::int64_t tidy_in_sleep(std::int64_t time_ns, bool& is_interrupted) noexcept;

/// Before a call that blocks for something that cannot be waited for otherwise.
void tidy_before_long_wait() noexcept;

}  // namespace connarena::shim
