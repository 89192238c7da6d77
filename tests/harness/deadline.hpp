// deadline.hpp - waiting for a condition, bounded in time.
#pragma once

#include <poll.h>

#include <chrono>

namespace harness {

using clock = std::chrono::steady_clock;
using time_point = clock::time_point;

/// What a slow, shared machine needs at most for one step of a test.
inline constexpr std::chrono::seconds patience{60};

/// Milliseconds left, at least 0, as poll takes them.
[[nodiscard]] inline int milliseconds_until(time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

/// Asks again and again until `condition()` holds; false at the deadline.
template <typename Condition>
[[nodiscard]] bool wait_until(Condition condition, time_point deadline = clock::now() + patience) {
  constexpr int pause_ms = 5;
  while (!condition()) {
    if (clock::now() >= deadline) return false;
    ::poll(nullptr, 0, pause_ms);
  }
  return true;
}

}  // namespace harness
