#include "shim/lifetime/fork.hpp"

#include <atomic>
#include <pthread.h>

#include "api/core.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/known_descriptors.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/lifetime/disconnect.hpp"
#include "shim/lifetime/idle.hpp"
#include "shim/lifetime/live_rows.hpp"
#include "shim/lifetime/quiescence.hpp"
#include "shim/live/publisher.hpp"
#include "shim/report/recorder.hpp"

namespace connarena::shim {
namespace {

// A signal handler that runs in between finds the core's locks taken.

void before_fork() noexcept {
  report::before_fork();
  enter_core();
  core::before_fork();
}

void after_fork_in_parent() noexcept {
  core::after_fork_in_parent();
  leave_core();
  report::after_fork_in_parent();
}

void after_fork_in_child() noexcept {
  core::after_fork_in_child();
  leave_core();
  note_own_process();
  live::forget_parents();
  reset_looks_in_child();
  reset_known_descriptors_in_child();
  reset_disconnects_in_child();
  reset_idle_in_child();
  report::after_fork_in_child();
  reset_quiescence_in_child();
}

/// After a bare clone. The core's locks are as the parent's threads left them, as the base
/// allocator's are.
void after_bare_clone_in_child() noexcept {
  live::forget_parents();
  reset_looks_in_child();
  reset_known_descriptors_in_child();
  reset_disconnects_in_child();
  reset_idle_in_child();
  report::after_fork_in_child();
  if (!is_inside_core()) reset_quiescence_in_child();
}

}  // namespace

void handle_forks() noexcept {
  // What registers ours comes here again.
  static constinit std::atomic<bool> was_called{false};
  if (was_called.exchange(true)) return;
  call_in_bare_child(after_bare_clone_in_child);
  static_cast<void>(pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child));
}

}  // namespace connarena::shim
