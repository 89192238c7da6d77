// own_api.cpp - the table of this library's own core.
#include <cerrno>

#include "api/api_table.hpp"
#include "api/core.hpp"
#include "api/own_calls.hpp"

namespace connarena {
namespace {

void leave(connarena_t previous) { core::exchange_current_arena(previous); }

/// Only the preload library knows descriptors.
connarena_t of_fd(int) {
  errno = ENOTSUP;
  return 0;
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
    .idle = core::be_idle,
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
};

}  // namespace connarena
