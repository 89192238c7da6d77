#include "shim/lifetime/idle.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>

#include "api/core.hpp"
#include "shim/beneath/base_allocator.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/clock.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/held_signals.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/running_handlers.hpp"
#include "shim/report/recorder.hpp"

namespace connarena::shim {
namespace {

// A trim that took so long is followed by twenty times as long without one, and
// comes only after ten times as long without an event: whoever comes meanwhile waits.
constexpr std::int64_t ration = 20;
constexpr std::int64_t patience = 10;
// Where several threads watch, all but the first look ten times less often.
constexpr std::int64_t substitute = 10;
// A thread that ends stays no longer for the sake of what others leave.
constexpr std::int64_t most_stay_ns = 250 * ns_a_ms;

std::atomic<bool> closed_since_trim{false};
std::atomic<std::int64_t> no_trim_before_ns{0};
std::atomic<std::int64_t> last_trim_took_ns{0};
std::atomic<std::uint32_t> watching{0};
std::atomic<std::uint32_t> events{0};  ///< while a thread watches
std::atomic<bool> is_tidying{false};
std::atomic<bool> is_one_staying{false};
std::atomic<bool> is_forked{false};  ///< and may live as long as one connection
std::atomic<bool> has_child_ended_one{false};

bool base_wants_trim() noexcept {
  return base.malloc_trim != nullptr && closed_since_trim.load(std::memory_order_relaxed);
}

std::int64_t trim_is_due_in_ns(std::int64_t now) noexcept {
  return no_trim_before_ns.load(std::memory_order_relaxed) - now;
}

/// What it took is counted in the thread's own time: a busy machine is no reason to
/// trim less often.
void trim_base() noexcept {
  closed_since_trim.store(false, std::memory_order_relaxed);
  const std::int64_t start_ns = thread_ns();
  base.malloc_trim(0);
  const std::int64_t took_ns = thread_ns() - start_ns;
  last_trim_took_ns.store(took_ns, std::memory_order_relaxed);
  no_trim_before_ns.store(now_ns() + ration * took_ns, std::memory_order_relaxed);
}

/// Asks the base allocator to trim, if it is time. Gives as tidy does.
std::int64_t trim_if_due(std::int64_t quiet_ns) noexcept {
  if (!base_wants_trim()) return all_tidy;
  const std::int64_t now = now_ns();
  const std::int64_t patience_ns = patience * last_trim_took_ns.load(std::memory_order_relaxed);
  const std::int64_t due_ns =
      std::max(trim_is_due_in_ns(now), std::max(patience_ns, moment_ns) - quiet_ns);
  if (due_ns > 0) return (due_ns / ns_a_ms + 1) * ns_a_ms;
  trim_base();
  return all_tidy;
}

/// As tidy, by the one thread that is at it, in a program that has been quiet so long.
std::int64_t tidy_alone(std::int64_t quiet_ns) noexcept {
  const std::int64_t return_ns = core::has_helper() ? all_tidy : core::return_idle();
  if (return_ns == 0) return 0;
  const std::int64_t trim_ns = trim_if_due(quiet_ns);
  if (trim_ns < 0) return return_ns;
  return return_ns < 0 ? trim_ns : std::min(return_ns, trim_ns);
}

std::int64_t tidy(std::int64_t quiet_ns) noexcept {
  // A handler may have interrupted either allocator.
  if (is_inside_core() || runs_handler()) return stuck;
  const inside_core inside;
  // acquire, release: what one has tidied the next one sees
  if (is_tidying.exchange(true, std::memory_order_acquire)) return moment_ns;
  const errno_kept kept;
  const std::int64_t next_ns = tidy_alone(quiet_ns);
  report::memory_returned(next_ns < 0);
  is_tidying.store(false, std::memory_order_release);
  return next_ns;
}

/// Returns what is due by now.
void tidy_now() noexcept {
  while (tidy(INT64_MAX) == 0) {
  }
}

struct thread_habits {
  bool waits = false;
  bool closes = false;
  bool watches = false;  ///< now
  // Since its last event, through waits that found nothing. Events are of any thread's.
  bool is_quiet = false;
  std::int64_t quiet_since_ns = 0;
  std::int64_t waited_until_ns = 0;
  std::uint32_t events_before = 0;
};
constinit thread_local thread_habits habits __attribute__((tls_model("initial-exec")));

void begin_quiet(std::int64_t now) noexcept {
  habits.quiet_since_ns = now;
  habits.events_before = events.load(std::memory_order_relaxed);
}

}  // namespace

without_helper::without_helper() noexcept {
  const errno_kept kept;
  core::forbid_helper();
}
without_helper::~without_helper() { core::let_helper(); }

bool has_own_excess() noexcept {
  if (!core::has_excess()) return false;
  if (core::has_helper() || !may_tidy()) return false;
  const inside_core inside;
  core::call_helper();
  return !core::has_helper();
}

bool is_event_thread() noexcept { return habits.waits; }

void tidy_at_thread_end() noexcept {
  if (!habits.closes) return;
  closed_since_trim.store(true);
  if (watching.load() != 0 || !is_untidy() || is_one_staying.exchange(true)) return;
  const held_signals held;
  const std::int64_t stay_ns = std::min(trim_is_due_in_ns(now_ns()), most_stay_ns);
  if (stay_ns > 0) {
    const timespec stay{0, stay_ns};
    next().nanosleep(&stay, nullptr);
  }
  is_one_staying.store(false);
  tidy_now();
}

void note_ended_connection() noexcept {
  closed_since_trim.store(true);
  // A child that has come to its second connection is a worker, and tidies as any.
  if (is_forked.load(std::memory_order_relaxed) && has_child_ended_one.exchange(true)) {
    is_forked.store(false);
  }
  if (!is_forked.load(std::memory_order_relaxed) && may_tidy()) habits.closes = true;
}

bool is_left_untidy() noexcept {
  if (habits.waits || is_forked.load(std::memory_order_relaxed) || !may_tidy()) return false;
  return watching.load() == 0 && base_wants_trim();
}

/// Connections that end one after the other have one trim in a while, not one each.
bool may_tidy_in_passing() noexcept {
  if (!is_left_untidy()) return false;
  const std::int64_t ration_ns = ration * last_trim_took_ns.load(std::memory_order_relaxed);
  return trim_is_due_in_ns(now_ns()) <= std::min<std::int64_t>(0, ration_ns - moment_ns);
}

void tidy_in_passing() noexcept {
  if (!may_tidy_in_passing() || runs_handler()) return;
  const held_signals held;
  tidy_now();
}

bool is_untidy() noexcept {
  if (!may_tidy()) return false;
  habits.waits = true;
  return has_own_excess() || base_wants_trim() || report::is_behind();
}

void return_due() noexcept {
  if (!may_tidy() || is_inside_core() || runs_handler() || !core::is_return_due()) return;
  const errno_kept kept;
  const inside_core inside;
  core::return_idle();
}

int note_events(int count) noexcept {
  if (count == 0 && habits.is_quiet) habits.waited_until_ns = now_ns();
  if (count <= 0) return count;
  habits.is_quiet = false;
  if (watching.load(std::memory_order_relaxed) != 0) events.fetch_add(1, std::memory_order_relaxed);
  return count;
}

watch::watch() noexcept
    : moment_ns_(watching.fetch_add(1) == 0 ? moment_ns : substitute * moment_ns) {
  habits.watches = true;
  // A program that waits for a tenth of a second at a time is quiet all the same, one that works
  // in between is not.
  const std::int64_t now = now_ns();
  const bool goes_on = habits.is_quiet && now - habits.waited_until_ns <= moment_ns;
  habits.is_quiet = true;
  if (!goes_on) begin_quiet(now);
}
watch::~watch() { end_left_watch(); }

void end_left_watch() noexcept {
  if (!std::exchange(habits.watches, false)) return;
  watching.fetch_sub(1);
  habits.waited_until_ns = now_ns();
}

std::int64_t watch::tidy() noexcept {
  const std::int64_t now = now_ns();
  if (events.load(std::memory_order_relaxed) != habits.events_before) begin_quiet(now);
  const std::int64_t next_ns = shim::tidy(now - habits.quiet_since_ns);
  return next_ns > 0 ? std::max(next_ns, moment_ns_) : next_ns;
}

void reset_idle_in_child() noexcept {
  is_tidying.store(false);
  is_one_staying.store(false);
  watching.store(0);
  habits.watches = false;
  habits.is_quiet = false;
  is_forked.store(true);
  has_child_ended_one.store(false);
}

}  // namespace connarena::shim
