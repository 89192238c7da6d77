// memory_lock_calls.cpp - mlockall and munlockall.
#include <sys/mman.h>

#include "api/core.hpp"
#include "api/live_arenas.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/calls/memory_locks.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/inside_core.hpp"

namespace connarena::shim {

bool prepare_memory_lock() noexcept {
  if (is_inside_core()) return false;
  const errno_kept kept;
  const inside_core inside;
  core::give_up_unused_rows();
  return core::prepare_to_lock_memory();
}

void note_memory_lock(bool was_locked, long result, int flags) noexcept {
  if (is_inside_core()) return;
  const errno_kept kept;
  const inside_core inside;
  if (result != 0) return core::note_locked_memory(was_locked, false);
  const bool is_filled = (flags & MCL_CURRENT) != 0 && (flags & MCL_ONFAULT) == 0;
  core::note_locked_memory((flags & MCL_FUTURE) != 0, is_filled);
}

void note_memory_unlock(long result) noexcept {
  if (result == 0) core::note_locked_memory(false, false);
}

}  // namespace connarena::shim

using namespace connarena::shim;

CONNARENA_REPLACES int mlockall(int flags) noexcept {
  return locked_all([=] { return next().mlockall(flags); }, flags);
}

CONNARENA_REPLACES int munlockall() noexcept {
  return unlocked_all([] { return next().munlockall(); });
}
