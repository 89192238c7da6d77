// c_api_calls.cpp - the C API as the preload library exports it, and its table for a
// libconnarena in the same process.
//
// A call says that the thread is inside the core, as those of the malloc family do: a
// handler that closes a connection meanwhile leaves its arena for later.
#include <cerrno>

#include "api/api_table.hpp"
#include "api/core.hpp"
#include "api/live_arenas.hpp"
#include "api/own_calls.hpp"
#include "api/visit_arenas.hpp"
#include "shim/attribution/ambient.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/known_descriptors.hpp"
#include "shim/lifetime/connections.hpp"
#include "shim/lifetime/descriptors.hpp"
#include "shim/live/publisher.hpp"
#include "shim/report/named_arenas.hpp"

namespace core = connarena::core;
namespace own = connarena::own;
using namespace connarena::shim;

namespace {

/// Connections, and the totals, are shown where they are looked at.
constexpr core::looker beside_connections{false, arenas_of_connections};

connarena_t told(connarena_t opened) noexcept {
  report::arena_is_named(opened);
  return opened;
}

connarena_t create_resource(const connarena_options* options, size_t options_size) {
  const inside_core inside;
  return told(own::create_resource(options, options_size));
}

void call_outside_core(connarena_limit_callback* passed, void* context, connarena_t arena,
                       size_t footprint_bytes) noexcept {
  const outside_core outside;
  passed(context, arena, footprint_bytes);
}

connarena_t own_arena() {
  const inside_core inside;
  return core::own_arena();
}

connarena::free_result deallocate_of(connarena_t arena, void* block, size_t size) {
  const inside_core inside;
  return core::deallocate_of(arena, block, size);
}

void* reallocate_of(connarena_t arena, void* block, size_t old_size, size_t size) {
  const inside_core inside;
  return core::reallocate_of(arena, block, old_size, size);
}

int drain(connarena_t arena, size_t* survivors) {
  const inside_core inside;
  report::named_arena_drains(arena);
  return own::drain(arena, survivors);
}

}  // namespace

extern "C" {

connarena_t connarena_create_sized(const connarena_options* options, size_t size) {
  const inside_core inside;
  return told(own::create(options, size));
}

void* connarena_malloc(connarena_t arena, size_t size) {
  const inside_core inside;
  return own::malloc(arena, size);
}

void* connarena_calloc(connarena_t arena, size_t count, size_t size) {
  const inside_core inside;
  return own::calloc(arena, count, size);
}

void* connarena_realloc(connarena_t arena, void* block, size_t size) {
  const inside_core inside;
  return own::realloc(arena, block, size);
}

void* connarena_aligned_alloc(connarena_t arena, size_t alignment, size_t size) {
  const inside_core inside;
  return own::aligned_alloc(arena, alignment, size);
}

void connarena_free(void* block) {
  const inside_core inside;
  own::free(block);
}

void connarena_free_sized(void* block, size_t size) {
  const inside_core inside;
  own::free_sized(block, size);
}

size_t connarena_usable_size(const void* block) { return own::usable_size(block); }

connarena_t connarena_of(const void* block) { return own::of(block); }

int connarena_release(connarena_t arena) {
  const inside_core inside;
  return own::release(arena);
}

int connarena_close(connarena_t arena) {
  const inside_core inside;
  report::named_arena_drains(arena);
  return own::close(arena);
}

int connarena_destroy(connarena_t arena) {
  const inside_core inside;
  report::named_arena_is_destroyed(arena);
  return own::destroy(arena);
}

/// Where small blocks of connections count, those of an entered arena do.
connarena_t connarena_enter(connarena_t arena) {
  const connarena_t previous = core::exchange_current_arena(arena);
  choose_direct_sizes();
  return previous;
}

void connarena_leave(connarena_t previous) { connarena_enter(previous); }

connarena_t connarena_of_fd(int fd) {
  const connection_id connection = has_own_descriptors() ? 0 : connection_at(fd);
  if (connection == 0 || connection == connecting) {
    errno = EBADF;
    return 0;
  }
  const connarena_t arena = arena_of(connection);
  if (arena == 0) errno = ENOMEM;
  return arena;
}

int connarena_get_stats_sized(connarena_t arena, connarena_stats* stats, size_t size) {
  const inside_core inside;
  return own::get_stats(arena, stats, size);
}

int connarena_get_process_stats_sized(connarena_process_stats* stats, size_t size) {
  const inside_core inside;
  return own::get_process_stats(stats, size);
}

int connarena_idle() {
  const inside_core inside;
  const int shown_ms = core::show_arenas_again(beside_connections);
  return core::earlier_of(shown_ms, core::be_idle());
}

connarena_t connarena_current() {
  return core::is_open(core::current_arena()) ? core::current_arena() : 0;
}

connarena_t connarena_process_arena() { return own_arena(); }

int connarena_owns(const void* block) { return own::owns(block); }

int connarena_trim() {
  const inside_core inside;
  return own::trim();
}

int connarena_publish() {
  if (!live::make_now()) {
    errno = ENOMEM;
    return -1;
  }
  const inside_core inside;
  core::show_arenas(beside_connections);
  return 0;
}

const char* connarena_name(connarena_t arena) { return core::name_of(arena); }

void* connarena_user(connarena_t arena) { return core::user_of(arena); }

int connarena_set_user(connarena_t arena, void* user) { return own::set_user(arena, user); }

int connarena_set_limit(connarena_t arena, size_t limit_bytes) {
  const inside_core inside;
  return own::set_limit(arena, limit_bytes);
}

int connarena_set_soft_limit(connarena_t arena, size_t bytes, connarena_limit_callback* passed,
                             void* context) {
  const inside_core inside;
  core::set_soft_limit_caller(call_outside_core);
  return own::set_soft_limit(arena, bytes, passed, context);
}

[[gnu::visibility("default")]] extern const connarena::api_table connarena_preload_api;

constexpr connarena::api_table connarena_preload_api{
    .version = connarena::api_version,
    .size_bytes = sizeof(connarena::api_table),
    .create = connarena_create_sized,
    .malloc = connarena_malloc,
    .calloc = connarena_calloc,
    .realloc = connarena_realloc,
    .aligned_alloc = connarena_aligned_alloc,
    .free = connarena_free,
    .usable_size = connarena_usable_size,
    .of = connarena_of,
    .release = connarena_release,
    .close = connarena_close,
    .destroy = connarena_destroy,
    .enter = connarena_enter,
    .leave = connarena_leave,
    .of_fd = connarena_of_fd,
    .get_stats = connarena_get_stats_sized,
    .get_process_stats = connarena_get_process_stats_sized,
    .idle = connarena_idle,
    .create_resource = create_resource,
    .own_arena = own_arena,
    .deallocate_of = deallocate_of,
    .reallocate_of = reallocate_of,
    .drain = drain,
    .owns = connarena_owns,
    .trim = connarena_trim,
    .name = connarena_name,
    .user = connarena_user,
    .set_user = connarena_set_user,
    .next = core::next_arena,
    .free_sized = connarena_free_sized,
    .publish = connarena_publish,
    .set_limit = connarena_set_limit,
    .set_soft_limit = connarena_set_soft_limit,
};

void connarena_visit(connarena_visitor* see, void* context) {
  connarena::visit_arenas(connarena_preload_api, see, context);
}

}  // extern "C"
