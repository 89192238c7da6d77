// allowance.hpp - whether a call to the system is allowed, while filters come that forbid it.
//
// A process sets filters and takes none away. But what forbids must be known before a filter
// is in force, and the system may refuse the filter: so they are counted. Any thread.
#pragma once

#include <atomic>

namespace connarena {

class allowance {
 public:
  [[nodiscard]] bool holds() const noexcept {
    return filters_.load(std::memory_order_relaxed) == 0;
  }
  /// A filter that forbids it is about to come.
  void forbid() noexcept { filters_.fetch_add(1); }
  /// It has not come.
  void take_back() noexcept { filters_.fetch_sub(1); }

 private:
  std::atomic<unsigned> filters_{0};
};

}  // namespace connarena
