// copy_times.hpp - when the ledger may be copied to its file.
//
// Copies take at most a hundredth of the time, but a process that has done little may
// make some at once: a short one is then up to date whatever ends it.
//
// Threads: one at a time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "shim/handler_safe/clock.hpp"

namespace connarena::shim::report {

class copy_times {
 public:
  [[nodiscard]] bool is_time(std::int64_t now) const noexcept { return paid_until_ns_ <= now; }
  /// A copy has taken so long.
  void note(std::int64_t begin_ns, std::int64_t end_ns) noexcept {
    const std::int64_t owed = std::max(paid_until_ns_, begin_ns - most_saved_ns);
    paid_until_ns_ = owed + share * (end_ns - begin_ns);
  }

 private:
  static constexpr std::int64_t share = 100;
  static constexpr std::int64_t most_saved_ns = 100 * ns_a_ms;

  std::int64_t paid_until_ns_ = 0;
};

}  // namespace connarena::shim::report
