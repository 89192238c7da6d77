// clock.hpp - the time that only goes forward.
#pragma once

#include <cstdint>
#include <ctime>

namespace connarena::shim {

inline constexpr std::int64_t ns_a_ms = 1000000;
inline constexpr std::int64_t ns_a_second = 1000000000;

[[nodiscard]] inline std::int64_t now_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * ns_a_second + now.tv_nsec;
}

}  // namespace connarena::shim
