// start.cpp - what happens before the program runs and at its end.
#include <cerrno>

#include "api/core.hpp"
#include "api/face.hpp"
#include "shim/attribution/ambient.hpp"
#include "shim/beneath/base_allocator.hpp"
#include "shim/beneath/next_operators.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/known_descriptors.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/lifetime/descriptors.hpp"
#include "shim/lifetime/fork.hpp"
#include "shim/report/explained_faults.hpp"
#include "shim/report/recorder.hpp"
#include "shim/settings/settings.hpp"

namespace connarena {

/// The core is this library's own.
constinit const c_face* preloaded_face = nullptr;

namespace shim {
namespace {

[[gnu::constructor(101)]] void start() noexcept {
  find_base();
  handle_forks();
  static_cast<void>(next());
  note_own_process();
  core::harden_if_asked();
  read_settings();
  core::set_retention_floor(current_settings.retain_bytes);
  if (current_settings.reserve_bytes != SIZE_MAX) {
    core::limit_reservation(current_settings.reserve_bytes);
  }
  decide_operators();
  choose_direct_sizes();
  if (current_settings.releases_survivors) {
    core::prepare_to_retire();
    explain_faults();
  }
  report::start(current_settings.report, static_cast<pid_t>(current_settings.report_process));
}

[[gnu::destructor(101)]] void finish() noexcept { report::finish(); }

}  // namespace

}  // namespace shim
}  // namespace connarena

extern "C" __attribute__((visibility("default"))) const connarena::c_face connarena_preload_face = {
    connarena::face_version, connarena_create,
    connarena_aligned_alloc, connarena_calloc,
    connarena_realloc,       connarena_free,
    connarena_usable_size,   connarena_of,
    connarena_release,       connarena_close,
    connarena_destroy,       connarena_enter,
    connarena_leave,         connarena_of_fd,
    connarena_get_stats,     connarena_get_process_stats};

extern "C" connarena_t connarena_of_fd(int fd) {
  using namespace connarena::shim;
  const connection_id connection = has_own_descriptors() ? 0 : connection_at(fd);
  if (connection == 0 || connection == connecting) {
    errno = EBADF;
    return 0;
  }
  const connarena_t arena = arena_of(connection);
  if (arena == 0) errno = ENOMEM;
  return arena;
}
