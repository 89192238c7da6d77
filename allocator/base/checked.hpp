// checked.hpp - a part's invariants, checked at both ends of what changes it.
//
// A part says what holds by two functions in a file of its own:
//   check(part)        its formulas: a few comparisons
//   check_whole(part)  what takes a walk through its lists and tables as well; gives how
//                      many steps that took: pages, or entries of lists
// The formulas are checked always, and every so often the whole. All of this is nothing
// but in a build that checks invariants.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/checks.hpp"

namespace connarena {

/// When to walk again: a walk takes as long as what it walks, so the longer one was, the
/// more ends go by before the next. That keeps the tests within minutes.
template <typename Part>
class walks {
 public:
  [[nodiscard]] static bool is_due() noexcept {
    return ends_.fetch_add(1, std::memory_order_relaxed) >= due_.load(std::memory_order_relaxed);
  }
  static void note(std::uint64_t steps) noexcept {
    due_.store(ends_.load(std::memory_order_relaxed) + least_ends + steps,
               std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint64_t least_ends = 64;
  inline static constinit std::atomic<std::uint64_t> ends_{0};
  inline static constinit std::atomic<std::uint64_t> due_{0};
};

/// Checks a part where it is whole.
template <typename Part>
void look_at(const Part& part) noexcept {
  if constexpr (checks_invariants) {
    check(part);
    if (walks<Part>::is_due()) walks<Part>::note(check_whole(part));
  }
}

template <typename Part>
class checked {
 public:
  explicit checked(const Part& part) noexcept : part_(part) { look_at(part_); }
  checked(const checked&) = delete;
  checked& operator=(const checked&) = delete;
  ~checked() { look_at(part_); }

 private:
  const Part& part_;
};

}  // namespace connarena
