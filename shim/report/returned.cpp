#include "shim/report/returned.hpp"

#include "api/core.hpp"
#include "shim/handler_safe/clock.hpp"

namespace connarena::shim::report {
namespace {

// What is looked at so soon after a close has gone while it was seen to.
constexpr std::int64_t at_close_ns = ns_a_ms;

std::atomic<std::uint64_t> counted_bytes{0};
/// So long ago that nothing is after it.
constexpr std::int64_t never = INT64_MIN / 2;
std::atomic<std::int64_t> last_close_ns{never};

moment_of_return moment_now() noexcept {
  const std::int64_t passed = now_ns() - last_close_ns.load(std::memory_order_relaxed);
  if (passed <= at_close_ns) return moment_of_return::at_close;
  return passed <= ns_a_second ? moment_of_return::in_second_after
                               : moment_of_return::at_other_times;
}

}  // namespace

void note_returned(counters& to) noexcept {
  const std::uint64_t bytes = core::returned_bytes();
  std::uint64_t before = counted_bytes.load(std::memory_order_relaxed);
  while (before < bytes && !counted_bytes.compare_exchange_weak(before, bytes)) {
  }
  if (before >= bytes) return;
  add(to.returned_bytes[static_cast<std::size_t>(moment_now())], bytes - before);
}

void note_close() noexcept { last_close_ns.store(now_ns(), std::memory_order_relaxed); }

void forget_returns() noexcept {
  counted_bytes.store(core::returned_bytes());
  last_close_ns.store(never);
}

}  // namespace connarena::shim::report
