// idle_bound.hpp - how much is idle, and how much may be: the formulas of demand.hpp.
//
// Threads: any.
#pragma once

#include <cstdint>

#include "heap/retention.hpp"

namespace connarena::idle_bound {

/// All that is idle.
[[nodiscard]] std::int64_t held(const retention::amounts& now) noexcept;
/// How much more than may stay for good.
[[nodiscard]] std::int64_t excess_of(const retention::amounts& now) noexcept;
/// How much more than that and what a program that grows will want.
[[nodiscard]] std::int64_t unwanted_of(const retention::amounts& now) noexcept;

/// How much more than the recent peak allows, with that.
struct overrun {
  std::int64_t bytes, peak;
};
[[nodiscard]] overrun over_peak(const retention::amounts& now) noexcept;
/// Whether it is more than what was live at once for certain allows: before fresh memory is
/// taken. Counts exactly before it says so.
[[nodiscard]] bool is_over_certain_peak() noexcept;

}  // namespace connarena::idle_bound
