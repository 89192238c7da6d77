#include "shim/report/footprint.hpp"

#include <atomic>
#include <cstdint>

#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/inside_core.hpp"

namespace connarena::shim::report {
namespace {

constexpr std::int64_t ration = 100;

/// What the counts leave out: slack, and what threads have not reported.
std::atomic<std::size_t> uncounted_bytes{0};
std::atomic<std::int64_t> no_look_before_ns{0};

/// Makes the calling thread the one that looks.
bool is_look_due(std::int64_t now) noexcept {
  std::int64_t due_ns = no_look_before_ns.load(std::memory_order_relaxed);
  return now >= due_ns && no_look_before_ns.compare_exchange_strong(due_ns, INT64_MAX);
}

}  // namespace

std::size_t exact_footprint_bytes() noexcept {
  const inside_core inside;
  connarena_process_stats stats{};
  core::process_counters(&stats);
  const std::size_t counted = core::live_and_retained_bytes();
  const std::size_t exact = stats.footprint_bytes;
  uncounted_bytes.store(exact > counted ? exact - counted : 0, std::memory_order_relaxed);
  return exact;
}

std::size_t footprint_bytes() noexcept {
  const std::int64_t start_ns = now_ns();
  if (is_inside_core() || !is_look_due(start_ns)) {
    return core::live_and_retained_bytes() + uncounted_bytes.load(std::memory_order_relaxed);
  }
  const std::size_t exact = exact_footprint_bytes();
  const std::int64_t end_ns = now_ns();
  no_look_before_ns.store(end_ns + ration * (end_ns - start_ns), std::memory_order_relaxed);
  return exact;
}

}  // namespace connarena::shim::report
