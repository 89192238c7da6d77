#include "heap/demand.hpp"

#include <algorithm>
#include <atomic>

#include "heap/idle_bound.hpp"
#include "heap/page_heap.hpp"
#include "heap/pages.hpp"
#include "heap/retention.hpp"

namespace connarena::demand {
namespace {

using idle_bound::excess_of;
using idle_bound::held;
using idle_bound::over_peak;

constexpr std::int64_t step_fraction = 32;
// A helper comes once an epoch: the coarse clock's steps are not much shorter.
constexpr std::int64_t least_epoch_ns = 5'000'000;

std::atomic<std::int64_t> epoch{240'000'000};

}  // namespace

std::int64_t epoch_ns() noexcept { return epoch.load(std::memory_order_relaxed); }
void set_keep(std::int64_t ns) noexcept {
  epoch.store(std::max(ns / 2, least_epoch_ns), std::memory_order_relaxed);
}

std::int64_t live_and_retained_bytes() noexcept {
  const retention::amounts now = retention::estimate();
  return now.live + held(now);
}

holdings exact_holdings() noexcept {
  const retention::amounts now = retention::exact();
  return {now.live, held(now)};
}

bool has_excess() noexcept { return excess_of(retention::estimate()) > 0; }
std::int64_t excess_bytes() noexcept { return excess_of(retention::exact()); }

std::int64_t keep_below_peak() noexcept {
  retention::note_most_live();
  retention::amounts now = retention::estimate();
  if (over_peak(now).bytes <= 0) return 0;
  now = retention::exact();
  const idle_bound::overrun over = over_peak(now);
  if (over.bytes <= 0) return 0;
  const std::int64_t wanted = over.bytes + over.peak / step_fraction;
  const auto gone = static_cast<std::int64_t>(purge_cached(static_cast<std::uint64_t>(wanted)));
  return std::max(wanted - gone, 0l);
}

void end_epoch() noexcept {
  retention::note_most_live();
  end_epoch_of_shelves();
  end_epoch_of_page_heaps();
  retention::end_epoch();
}

std::uint64_t to_return_bytes() noexcept {
  const std::uint64_t due = due_bytes();
  if (due == 0) return 0;
  const std::int64_t unwanted = idle_bound::unwanted_of(retention::exact());
  return std::min(due, static_cast<std::uint64_t>(std::max(unwanted, 0l)));
}

bool has_to_return() noexcept {
  return due_bytes() != 0 && idle_bound::unwanted_of(retention::estimate()) > 0;
}

}  // namespace connarena::demand
