#include "shim/lifetime/at_wait.hpp"

#include <cstddef>

#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/lifetime/idle.hpp"

namespace connarena::shim {
namespace {

// A sixteenth of what idle.cpp returns between two looks at events.
constexpr std::size_t most_bytes_under_mutex = std::size_t{1} << 20;

void settle_under_mutex() noexcept {
  settle_own(most_bytes_under_mutex);
  if (is_left_untidy()) say_whether_work_is_left(true);
  const bool is_due = is_any_left_over() || may_tidy_in_passing();
  if (is_due && is_last_to_wait()) do_what_is_left();
}

/// The end of a thread is its last wait.
void end_thread() noexcept {
  detail::settle_at_wait(under::nothing_known);
  leave_place();
  tidy_at_thread_end();
}

[[gnu::constructor]] void watch_for_ends() noexcept { call_at_thread_ends(end_thread); }

}  // namespace

void detail::pass_on_at_wait() noexcept {
  if (is_inside_core() || !is_own_process()) return;
  const errno_kept kept;
  const inside_core inside;
  core::pass_on_what_is_others();
}

/// A thread that waits for events does it there: most of its reads find something.
void detail::pass_on_at_read() noexcept {
  if (!is_event_thread()) pass_on_at_wait();
}

void detail::settle_at_wait(under what) noexcept {
  if (is_inside_core() || !is_own_process()) return;
  const errno_kept kept;
  if (what == under::a_mutex) return settle_under_mutex();
  settle_own();
  do_what_is_left();
}

void detail::settle_at_read(int fd, connection_id from) noexcept {
  if (passes_in_read(fd, from)) settle_at_wait(under::nothing_known);
}

void do_what_is_left() noexcept {
  say_whether_work_is_left(false);
  settle_left_over();
  tidy_in_passing();
  if (is_left_untidy()) say_whether_work_is_left(true);
}

}  // namespace connarena::shim
