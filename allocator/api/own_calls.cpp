#include "api/own_calls.hpp"

#include <bit>
#include <cerrno>

#include "api/core.hpp"
#include "api/sized_struct.hpp"

namespace connarena::own {
namespace {

constexpr std::size_t malloc_alignment = 16;

connarena_t open_by(const connarena_options* options, std::size_t options_size,
                    core::handle (*open)(std::size_t, const char*)) noexcept {
  connarena_options wanted{};
  if (!take_struct(wanted, options, options_size)) return 0;
  return open(wanted.limit_bytes != 0 ? wanted.limit_bytes : SIZE_MAX, wanted.name);
}

int status(bool ok) noexcept {
  if (!ok) errno = ESTALE;
  return ok ? 0 : -1;
}

/// What outlives its arena is in it.
int refuse_to_end() noexcept {
  errno = EPERM;
  return -1;
}

}  // namespace

connarena_t create(const connarena_options* options, size_t options_size) noexcept {
  return open_by(options, options_size, core::open_arena);
}

void* malloc(connarena_t arena, size_t size) noexcept {
  return core::allocate(arena, size, malloc_alignment);
}

void* calloc(connarena_t arena, size_t count, size_t size) noexcept {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return core::allocate_zeroed(arena, bytes);
}

void* realloc(connarena_t arena, void* block, size_t size) noexcept {
  if (block == nullptr) return malloc(arena, size);
  return core::reallocate(arena, block, size);
}

void* aligned_alloc(connarena_t arena, size_t alignment, size_t size) noexcept {
  if (!std::has_single_bit(alignment)) {
    errno = EINVAL;
    return nullptr;
  }
  return core::allocate(arena, size, alignment);
}

void free(void* block) noexcept {
  if (block != nullptr) core::deallocate(block);
}

void free_sized(void* block, size_t size) noexcept {
  if (block != nullptr) core::deallocate_sized(block, size);
}

size_t usable_size(const void* block) noexcept {
  return block != nullptr ? core::usable_size(block) : 0;
}

connarena_t of(const void* block) noexcept { return core::owner_of(block); }

int release(connarena_t arena) noexcept {
  return core::is_own_arena(arena) ? refuse_to_end() : status(core::release_arena(arena));
}

int close(connarena_t arena) noexcept {
  return core::is_own_arena(arena) ? refuse_to_end() : status(core::drain_arena(arena, nullptr));
}

int destroy(connarena_t arena) noexcept {
  return core::is_own_arena(arena) ? refuse_to_end() : status(core::destroy_arena(arena));
}

int get_stats(connarena_t arena, connarena_stats* stats, size_t stats_size) noexcept {
  if (!is_struct_size(stats_size)) return -1;
  connarena_stats all{};
  const bool is_there = core::arena_counters(arena, &all);
  if (is_there) give_struct(stats, stats_size, all);
  return status(is_there);
}

int get_process_stats(connarena_process_stats* stats, size_t stats_size) noexcept {
  if (!is_struct_size(stats_size)) return -1;
  connarena_process_stats all{};
  core::process_counters(&all);
  give_struct(stats, stats_size, all);
  return 0;
}

int owns(const void* block) noexcept { return core::owns(block) ? 1 : 0; }

int trim() noexcept { return core::trim() ? 1 : 0; }

int set_user(connarena_t arena, void* user) noexcept {
  return core::set_user(arena, user) ? 0 : -1;
}

int set_limit(connarena_t arena, size_t limit_bytes) noexcept {
  return core::set_limit(arena, limit_bytes != 0 ? limit_bytes : SIZE_MAX) ? 0 : -1;
}

int set_soft_limit(connarena_t arena, size_t bytes, connarena_limit_callback* passed,
                   void* context) noexcept {
  return core::set_soft_limit(arena, bytes, passed, context) ? 0 : -1;
}

connarena_t create_resource(const connarena_options* options, size_t options_size) noexcept {
  return open_by(options, options_size, core::open_resource);
}

int drain(connarena_t arena, size_t* survivors) noexcept {
  core::drain_result result{};
  const bool has_ended = core::drain_arena(arena, &result);
  *survivors = result.survivor_blocks;
  return status(has_ended);
}

}  // namespace connarena::own
