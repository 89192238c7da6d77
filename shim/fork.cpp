#include "shim/fork.hpp"

#include <pthread.h>

#include "api/core.hpp"
#include "shim/idle.hpp"
#include "shim/process_identity.hpp"
#include "shim/report/recorder.hpp"

namespace connarena::shim {
namespace {

void after_fork_in_child() noexcept {
  core::after_fork_in_child();
  note_own_process();
  reset_idle_in_child();
  report::leave_to_parent();
}

}  // namespace

void handle_forks() noexcept {
  static_cast<void>(
      pthread_atfork(core::before_fork, core::after_fork_in_parent, after_fork_in_child));
}

}  // namespace connarena::shim
