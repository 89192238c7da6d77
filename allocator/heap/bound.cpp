// bound.cpp - keeps the process within its bound: returns to the system what is cached
// beyond it. What is over is retention's to say, see retention.hpp and account.hpp.

#include <algorithm>

#include "heap/account.hpp"
#include "heap/page_heap.hpp"
#include "heap/retention.hpp"

namespace connarena::retention {
namespace {

constexpr std::int64_t excess_fraction = 128;
constexpr std::int64_t least_share_bytes = 64 * kib;

std::atomic<bool> may_exceed_at_work{false};

std::int64_t excess(std::int64_t held, std::int64_t bound) noexcept {
  return held <= bound ? 0 : held - bound + bound / 4;
}

}  // namespace

std::int64_t excess_in_lanes() noexcept { return excess(now(account.in_lanes), usable_floor()); }

void enforce() noexcept {
  std::int64_t bound = strict_bound();
  std::int64_t step = bound / 4;
  if (may_exceed_at_work.load(std::memory_order_relaxed)) {
    const std::int64_t most = now(account.most_live);
    bound = std::max(bound, most + most / 8 - live_now());
    step = std::max(step, most / 32);
  }
  const std::int64_t over = held_now() - bound;
  if (over > 0) purge_cached(static_cast<std::uint64_t>(over + step));
}

void allow_excess_at_work() noexcept {
  if (!may_exceed_at_work.load(std::memory_order_relaxed)) {
    may_exceed_at_work.store(true, std::memory_order_relaxed);
  }
}

bool has_excess() noexcept { return held_now() > strict_bound(); }

bool return_excess(std::int64_t most_bytes) noexcept {
  const std::int64_t bytes = std::min(excess(held_now(), strict_bound()), most_bytes);
  if (bytes <= 0) return false;
  const auto gone = static_cast<std::int64_t>(purge_cached(static_cast<std::uint64_t>(bytes)));
  const std::int64_t most = now(account.most_live);
  account.most_live.store(std::max(live_now(), most - gone), std::memory_order_relaxed);
  return gone != 0;
}

std::int64_t share_of_excess() noexcept {
  return std::max((held_now() - strict_bound()) / excess_fraction, least_share_bytes);
}

}  // namespace connarena::retention
