#include "shim/idle.hpp"

#include <atomic>
#include <cstddef>
#include <ctime>

#include "api/core.hpp"
#include "shim/base_allocator.hpp"
#include "shim/errno_kept.hpp"

namespace connarena::shim {
namespace {

// A trim that took so long is followed by twenty times as long without one.
constexpr std::int64_t ration = 20;

std::atomic<std::uint32_t> closed_since_trim{0};
std::atomic<std::int64_t> no_trim_before_ns{0};
std::atomic<bool> is_tidying{false};

std::int64_t now_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1000000000} + now.tv_nsec;
}

bool base_wants_trim() noexcept {
  return base.malloc_trim != nullptr && closed_since_trim.load(std::memory_order_relaxed) != 0;
}

constexpr std::int64_t ns_a_ms = 1000000;
// 16 MiB take some two milliseconds: events that come meanwhile wait no longer.
constexpr std::size_t most_returned_bytes = std::size_t{16} << 20;
// A program that is never idle returns a share of its excess ten times a second:
// half of it goes in two seconds.
constexpr std::int64_t share_every_ns = 100 * ns_a_ms;
std::atomic<std::int64_t> no_share_before_ns{0};

void trim_base(std::int64_t start_ns) noexcept {
  closed_since_trim.store(0, std::memory_order_relaxed);
  base.malloc_trim(0);
  const std::int64_t end_ns = now_ns();
  no_trim_before_ns.store(end_ns + ration * (end_ns - start_ns), std::memory_order_relaxed);
}

/// As tidy, by the one thread that is at it.
std::int64_t tidy_alone() noexcept {
  if (core::has_excess() && !core::return_excess(most_returned_bytes)) return -1;
  if (core::has_excess()) return 0;
  if (!base_wants_trim()) return -1;
  const std::int64_t start_ns = now_ns();
  const std::int64_t early_ns = no_trim_before_ns.load(std::memory_order_relaxed) - start_ns;
  if (early_ns > 0) return (early_ns / ns_a_ms + 1) * ns_a_ms;
  trim_base(start_ns);
  return -1;
}

}  // namespace

void note_closed_connection() noexcept { closed_since_trim.store(1, std::memory_order_relaxed); }

bool is_untidy() noexcept {
  core::allow_excess_at_work();
  return core::has_excess() || base_wants_trim();
}

void return_share() noexcept {
  if (!core::has_excess()) return;
  const std::int64_t now = now_ns();
  std::int64_t due_ns = no_share_before_ns.load(std::memory_order_relaxed);
  if (now < due_ns || !no_share_before_ns.compare_exchange_strong(due_ns, now + share_every_ns)) {
    return;
  }
  const errno_kept kept;
  if (due_ns != 0) core::return_share_of_excess();
}

std::int64_t tidy() noexcept {
  if (is_tidying.exchange(true, std::memory_order_acquire)) return moment_ns;
  const errno_kept kept;
  const std::int64_t next_ns = tidy_alone();
  is_tidying.store(false, std::memory_order_release);
  return next_ns;
}

held_signals::held_signals() noexcept {
  sigset_t held;
  sigfillset(&held);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&held, fault);
  pthread_sigmask(SIG_BLOCK, &held, &before_);
}

held_signals::~held_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace connarena::shim
