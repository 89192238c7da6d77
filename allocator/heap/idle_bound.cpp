#include "heap/idle_bound.hpp"

#include <algorithm>

#include "heap/page_heap.hpp"

namespace connarena::idle_bound {
namespace {

constexpr std::int64_t peak_margin_fraction = 8;

/// Bytes above what a peak of live memory allows, with a margin, or what is expected.
std::int64_t over(std::int64_t peak, std::int64_t expected,
                  const retention::amounts& now) noexcept {
  const std::int64_t most = std::max(peak + peak / peak_margin_fraction, expected);
  return idle_bound::held(now) - std::max(most - now.live, 0l) - retention::strict_bound(now);
}

}  // namespace

std::int64_t held(const retention::amounts& now) noexcept {
  return static_cast<std::int64_t>(cached_bytes()) + now.shelved + now.in_slabs + now.in_own_lanes +
         now.in_shared_lanes;
}

std::int64_t excess_of(const retention::amounts& now) noexcept {
  return held(now) - retention::strict_bound(now);
}

std::int64_t unwanted_of(const retention::amounts& now) noexcept {
  return excess_of(now) - std::max(retention::expected_live() - now.live, 0l);
}

overrun over_peak(const retention::amounts& now) noexcept {
  const std::int64_t peak = std::max(retention::most_live(), now.live);
  return {over(peak, retention::expected_live(), now), peak};
}

bool is_over_certain_peak() noexcept {
  const auto is_over = [](const retention::amounts& now) {
    return over(std::max(retention::most_live_for_certain(), now.live), 0, now) > 0;
  };
  if (!is_over(retention::estimate())) return false;
  const retention::amounts now = retention::exact();
  retention::note_certainly_live(now.live);
  return is_over(now);
}

}  // namespace connarena::idle_bound
