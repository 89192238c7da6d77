// own_api.cpp - the table of this library's own core.
#include <cerrno>

#include "api/api_table.hpp"
#include "api/core.hpp"
#include "api/live_arenas.hpp"
#include "api/own_calls.hpp"
#include "api/process_stat.hpp"

namespace connarena {
namespace {

void leave(connarena_t previous) { core::exchange_current_arena(previous); }

/// Only the preload library knows descriptors.
connarena_t of_fd(int) {
  errno = ENOTSUP;
  return 0;
}

/// There are no connections here: the totals are of arenas.
constexpr core::looker as_library{true, nullptr};

int publish() {
  const bool is_there =
      live::own_segment() != nullptr ||
      live::make_own_segment(live::tables::arenas,
                             {program_invocation_short_name, stat_at("/proc/self/stat").start_ticks,
                              core::chosen_idle().floor_bytes});
  if (!is_there) {
    errno = ENOMEM;
    return -1;
  }
  core::show_arenas(as_library);
  return 0;
}

int idle() {
  const int shown_ms = core::show_arenas_again(as_library);
  return core::earlier_of(shown_ms, core::be_idle());
}

}  // namespace

constexpr api_table own_api{
    .version = api_version,
    .size_bytes = sizeof(api_table),
    .create = own::create,
    .malloc = own::malloc,
    .calloc = own::calloc,
    .realloc = own::realloc,
    .aligned_alloc = own::aligned_alloc,
    .free = own::free,
    .usable_size = own::usable_size,
    .of = own::of,
    .release = own::release,
    .close = own::close,
    .destroy = own::destroy,
    .enter = core::exchange_current_arena,
    .leave = leave,
    .of_fd = of_fd,
    .get_stats = own::get_stats,
    .get_process_stats = own::get_process_stats,
    .idle = idle,
    .create_resource = own::create_resource,
    .own_arena = core::own_arena,
    .deallocate_of = core::deallocate_of,
    .reallocate_of = core::reallocate_of,
    .drain = own::drain,
    .owns = own::owns,
    .trim = own::trim,
    .name = core::name_of,
    .user = core::user_of,
    .set_user = own::set_user,
    .next = core::next_arena,
    .free_sized = own::free_sized,
    .publish = publish,
    .set_limit = own::set_limit,
    .set_soft_limit = own::set_soft_limit,
};

}  // namespace connarena
