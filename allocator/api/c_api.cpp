// c_api.cpp - the C face. Under the preload library every call that does not
// name a block of this core goes to that one's.
#include <bit>
#include <cerrno>

#include "api/core.hpp"
#include "api/face.hpp"

namespace core = connarena::core;
using connarena::preloaded_face;

namespace {

constexpr std::size_t malloc_alignment = 16;

int status(bool ok) noexcept {
  if (!ok) errno = ESTALE;
  return ok ? 0 : -1;
}

bool is_foreign(const void* block) noexcept {
  return preloaded_face != nullptr && !core::owns(block);
}

}  // namespace

extern "C" {

connarena_t connarena_create(const connarena_options* options) {
  if (preloaded_face != nullptr) return preloaded_face->create(options);
  if (options == nullptr) return core::open_arena(SIZE_MAX, nullptr);
  const connarena_t opened =
      core::open_arena(options->limit_bytes != 0 ? options->limit_bytes : SIZE_MAX, options->name);
  core::tell_opened(opened);
  return opened;
}

void* connarena_malloc(connarena_t arena, size_t size) {
  if (preloaded_face != nullptr) {
    return preloaded_face->aligned_alloc(arena, malloc_alignment, size);
  }
  return core::allocate(arena, size, malloc_alignment);
}

void* connarena_calloc(connarena_t arena, size_t count, size_t size) {
  if (preloaded_face != nullptr) return preloaded_face->calloc(arena, count, size);
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return core::allocate_zeroed(arena, bytes);
}

void* connarena_realloc(connarena_t arena, void* block, size_t size) {
  if (block == nullptr) return connarena_malloc(arena, size);
  if (is_foreign(block)) return preloaded_face->realloc(arena, block, size);
  return core::reallocate(arena, block, size);
}

void* connarena_aligned_alloc(connarena_t arena, size_t alignment, size_t size) {
  if (preloaded_face != nullptr) return preloaded_face->aligned_alloc(arena, alignment, size);
  if (!std::has_single_bit(alignment)) {
    errno = EINVAL;
    return nullptr;
  }
  return core::allocate(arena, size, alignment);
}

void connarena_free(void* block) {
  if (block == nullptr) return;
  if (is_foreign(block)) return preloaded_face->free(block);
  core::deallocate(block);
}

size_t connarena_usable_size(const void* block) {
  if (block == nullptr) return 0;
  return is_foreign(block) ? preloaded_face->usable_size(block) : core::usable_size(block);
}

connarena_t connarena_of(const void* block) {
  return is_foreign(block) ? preloaded_face->of(block) : core::owner_of(block);
}

int connarena_release(connarena_t arena) {
  if (preloaded_face != nullptr) return preloaded_face->release(arena);
  return status(core::release_arena(arena));
}

int connarena_close(connarena_t arena) {
  if (preloaded_face != nullptr) return preloaded_face->close(arena);
  core::tell_ends(arena);
  return status(core::drain_arena(arena, nullptr));
}

int connarena_destroy(connarena_t arena) {
  if (preloaded_face != nullptr) return preloaded_face->destroy(arena);
  core::tell_ends(arena);
  return status(core::destroy_arena(arena));
}

int connarena_get_stats(connarena_t arena, connarena_stats* stats) {
  if (preloaded_face != nullptr) return preloaded_face->get_stats(arena, stats);
  return status(core::arena_counters(arena, stats));
}

void connarena_get_process_stats(connarena_process_stats* stats) {
  if (preloaded_face != nullptr) return preloaded_face->get_process_stats(stats);
  core::process_counters(stats);
}

}  // extern "C"
