// memory_locks.hpp - what is done around a call that locks all memory of the process,
// whether it is the C library's function or a bare system call.
//
// The system counts every address of the process then, also what is only reserved, and
// makes all that is committed resident. So what is not in use is given back before, is
// reserved and committed in small steps while what comes is locked, and what had gone to
// the system goes again.
#pragma once

namespace connarena::shim {

/// Gives back what is not in use. Gives whether what comes was locked before.
[[nodiscard]] bool prepare_memory_lock() noexcept;
/// `was_locked`: what the above gave.
void note_memory_lock(bool was_locked, long result, int flags) noexcept;
void note_memory_unlock(long result) noexcept;

/// `lock()` is the call.
template <typename Call>
auto locked_all(Call lock, int flags) noexcept {
  const bool was_locked = prepare_memory_lock();
  const auto result = lock();
  note_memory_lock(was_locked, result, flags);
  return result;
}

template <typename Call>
auto unlocked_all(Call unlock) noexcept {
  const auto result = unlock();
  note_memory_unlock(result);
  return result;
}

}  // namespace connarena::shim
