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
/// More seconds than this are no time that fits into nanoseconds.
inline constexpr std::int64_t most_seconds = INT64_MAX / ns_a_second / 2;

[[nodiscard]] inline bool is_time(const timespec& time) noexcept {
  return time.tv_sec >= 0 && time.tv_sec <= most_seconds && time.tv_nsec >= 0 &&
         time.tv_nsec < ns_a_second;
}
/// Pre: is_time.
[[nodiscard]] inline std::int64_t ns_of(const timespec& time) noexcept {
  return time.tv_sec * ns_a_second + time.tv_nsec;
}
[[nodiscard]] inline timespec time_of(std::int64_t ns) noexcept {
  return {ns / ns_a_second, ns % ns_a_second};
}
/// As poll takes it: rounded up, so that a wait never ends early; a negative one is for ever.
[[nodiscard]] inline int in_ms(std::int64_t ns) noexcept {
  return ns < 0 ? -1 : static_cast<int>((ns + ns_a_ms - 1) / ns_a_ms);
}

[[nodiscard]] inline std::int64_t now_ns() noexcept { return ns_of(CLOCK_MONOTONIC); }
/// As of the system's last tick, some milliseconds ago: a few loads.
[[nodiscard]] inline std::int64_t coarse_now_ns() noexcept { return ns_of(CLOCK_MONOTONIC_COARSE); }
[[nodiscard]] inline std::int64_t thread_ns() noexcept { return ns_of(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace connarena::shim
