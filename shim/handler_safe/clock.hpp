// clock.hpp - the time that only goes forward, and the time that a thread has run.
#pragma once

#include <cstdint>
#include <ctime>

namespace connarena::shim {

inline constexpr std::int64_t ns_a_ms = 1000000;
inline constexpr std::int64_t ns_a_second = 1000000000;

[[nodiscard]] inline std::int64_t ns_of(clockid_t clock) noexcept {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * ns_a_second + now.tv_nsec;
}
[[nodiscard]] inline std::int64_t now_ns() noexcept { return ns_of(CLOCK_MONOTONIC); }
[[nodiscard]] inline std::int64_t thread_ns() noexcept { return ns_of(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace connarena::shim
