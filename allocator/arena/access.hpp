// access.hpp - who is inside a lane of an arena for any thread.
//
// The owner enters without an atomic read-modify-write; everybody else visits.
// See lane.hpp for how they keep apart.
#pragma once

#include "arena/lane.hpp"
#include "os/os.hpp"

namespace connarena {

/// Readies the process for owners; false where every thread must visit.
[[nodiscard]] bool owners_possible() noexcept;
/// In a forked child, where the system forgot.
void ready_owners_again() noexcept;

/// Enters as the lane's owner. False if the thread is not, or a visitor is inside.
[[nodiscard]] inline bool enter_as_owner(lane& in, thread_id self) noexcept {
  if (in.owner.load(std::memory_order_relaxed) != self || self == 0) return false;
  in.busy.store(1, std::memory_order_relaxed);
  // Against the compiler; against the processor the visitor fences every thread.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (in.guard.is_free()) [[likely]]
    return true;
  in.busy.store(0, std::memory_order_release);
  return false;
}

inline void leave_as_owner(lane& in) noexcept {
  // release: pairs with the acquire in wait_for_owner
  in.busy.store(0, std::memory_order_release);
}

/// Inside a lane that one may not own, for as long as this lives.
class visit {
 public:
  explicit visit(lane& in) noexcept;
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;
  ~visit() { in_.guard.release(); }

 private:
  lane& in_;
};

/// Makes the calling thread the owner of a lane that has none.
/// Pre: the caller visits the lane.
void claim(lane& in) noexcept;

}  // namespace connarena
