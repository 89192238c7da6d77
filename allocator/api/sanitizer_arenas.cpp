// sanitizer_arenas.cpp - what arenas of AddressSanitizer's blocks are known by, and their
// limits. Threads: any.
#include "api/sanitizer_state.hpp"

namespace connarena::sanitized {

bool is_open(connarena_t handle) {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  return find(handle) != nullptr;
}

const char* name(connarena_t handle) {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  const arena_state* const arena = find(handle);
  return arena != nullptr ? arena->name : nullptr;
}

void* user(connarena_t handle) {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  const arena_state* const arena = find(handle);
  return arena != nullptr ? arena->user : nullptr;
}

int set_user(connarena_t handle, void* to) {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  arena_state* const arena = find(handle);
  if (arena == nullptr) return fail(ESTALE, -1);
  arena->user = to;
  return 0;
}

/// Handles are numbers in a row.
connarena_t next(connarena_t after) {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  for (connarena_t each = after + 1; each <= all.last_handle; ++each) {
    if (each != all.own_handle && find(each) != nullptr) return each;
  }
  return 0;
}

int set_limit(connarena_t handle, size_t bytes) {
  const lock_guard hold(all.mutex, lock_rank::sanitized);
  arena_state* const arena = find(handle);
  if (arena == nullptr) return fail(ESTALE, -1);
  arena->limit_bytes = bytes != 0 ? bytes : SIZE_MAX;
  return 0;
}

int set_soft_limit(connarena_t handle, size_t bytes, connarena_limit_callback* passed,
                   void* context) {
  limit_notice notice;
  {
    const lock_guard hold(all.mutex, lock_rank::sanitized);
    arena_state* const arena = find(handle);
    if (arena == nullptr) return fail(ESTALE, -1);
    arena->soft_limit_bytes = passed != nullptr ? bytes : SIZE_MAX;
    arena->passed = passed;
    arena->context = context;
    arena->is_above_soft = false;
    notice = notice_of(*arena);
  }
  notice.deliver();
  return 0;
}

}  // namespace connarena::sanitized
