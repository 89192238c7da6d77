// start.cpp - what happens before the program runs and at its end.
#include "api/core.hpp"
#include "shim/attribution/ambient.hpp"
#include "shim/beneath/base_allocator.hpp"
#include "shim/beneath/loader.hpp"
#include "shim/beneath/next_operators.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/known_descriptors.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/handler_safe/running_handlers.hpp"
#include "shim/lifetime/fork.hpp"
#include "shim/lifetime/limits.hpp"
#include "shim/lifetime/live_rows.hpp"
#include "shim/report/explained_faults.hpp"
#include "shim/report/recorder.hpp"
#include "shim/settings/settings.hpp"

namespace connarena::shim {
namespace {

[[gnu::constructor(101)]] void start() noexcept {
  find_base();
  detail::find_loader();
  handle_forks();
  core::allow_uncommon_calls();
  core::ask_before_helper([]() noexcept { return !runs_handler(); });
  static_cast<void>(next());
  note_own_process();
  core::harden_if_asked();
  read_settings();
  if (current_settings.reserve_bytes != SIZE_MAX) {
    core::limit_reservation(current_settings.reserve_bytes);
  }
  decide_operators();
  choose_direct_sizes();
  if (current_settings.releases_survivors) {
    core::prepare_to_retire();
    explain_faults();
  }
  start_limits();
  show_from_start();
  report::start(current_settings.report, static_cast<pid_t>(current_settings.report_process));
}

[[gnu::destructor(101)]] void finish() noexcept { report::finish(); }

}  // namespace
}  // namespace connarena::shim
