#include "arena/lane/access.hpp"

#include "arena/lane/habit.hpp"
#include "base/checks.hpp"
#include "os/patience.hpp"

namespace connarena {
namespace {

enum class fences : std::uint8_t { unknown, present, absent, not_used };
std::atomic<fences> system_fences{fences::unknown};

thread_id own_id() noexcept { return this_thread().id.load(std::memory_order_relaxed); }

void fence_owners() noexcept {
  // Without it neither side would know of the other.
  if (!os::fence_all_threads()) die_internal("the system refuses to fence threads");
}

/// Pre: all threads were fenced since the caller acquired the lane's guard.
void wait_for_owner(const lane& in, thread_id owner) noexcept {
  patience waiting;
  // acquire: pairs with the release in leave_as_owner
  while (lane_inside(owner).load(std::memory_order_acquire) == &in) waiting.wait();
}

/// The thread that may be inside a lane whose guard the caller holds; 0: none is.
thread_id other_owner(lane& in) noexcept {
  const thread_id owner = in.owner.load(std::memory_order_relaxed);
  if (owner == 0 || owner == own_id()) return 0;
  if (is_alive(owner)) return owner;
  in.owner.store(0, std::memory_order_relaxed);
  return 0;
}

/// The caller comes to work in a lane of another: it is passed on, or nobody's from now on.
void change_hands(lane& in) noexcept {
  if (in.hands.changes < most_changes) {
    ++in.hands.changes;
  } else {
    in.hands.comings_left = comings_for_a_fence;
  }
  in.owner.store(in.hands.changes < most_changes ? own_id() : 0, std::memory_order_relaxed);
}

}  // namespace

bool owners_possible() noexcept {
  fences now = system_fences.load(std::memory_order_relaxed);
  if (now == fences::unknown) {
    now = os::enable_thread_fences() ? fences::present : fences::absent;
    system_fences.store(now, std::memory_order_relaxed);
  }
  return now == fences::present;
}

void let_nobody_own() noexcept {
  const bool was_possible = owners_possible();
  if (was_possible) system_fences.store(fences::not_used);
  // Whoever still believes to become an owner has become it when this returns.
  if (was_possible) static_cast<void>(os::fence_all_threads());
}

void let_threads_own_again() noexcept {
  fences now = fences::not_used;
  system_fences.compare_exchange_strong(now, fences::present);
}

void ready_owners_again() noexcept {
  if (system_fences.load(std::memory_order_relaxed) != fences::present) return;
  static_cast<void>(os::enable_thread_fences());
}

visit::visit(lane& in, visit_to purpose, lock_rank rank) noexcept : in_(in), rank_(rank) {
  in.guard.acquire(rank);
  const thread_id owner = other_owner(in);
  if (owner != 0) {
    fence_owners();
    wait_for_owner(in, owner);
    if (purpose != visit_to::look) note_lane_moved();
    if (purpose == visit_to::work) change_hands(in);
  } else if (purpose == visit_to::end && in.owner.load(std::memory_order_relaxed) != 0) {
    note_lane_stayed();
  }
}

bool joint_visit::add(lane& in) noexcept {
  if (count_ == most) return false;
  // Of the others it waits for none: two that visit many would wait for each other.
  if (count_ == 0) {
    in.guard.acquire(lock_rank::lane);
  } else if (!in.guard.try_acquire(lock_rank::lane)) {
    return false;
  }
  // acquire: pairs with the release that opened it. One that is closed may be opened beside
  // its guard, for one thread: there is nothing to look at.
  if (in.generation.load(std::memory_order_acquire) == 0) {
    in.guard.release(lock_rank::lane);
    return true;
  }
  owners_[count_] = other_owner(in);
  are_lone_[count_] = !in.any_thread;
  has_owners_ = has_owners_ || owners_[count_] != 0 || are_lone_[count_];
  lanes_[count_++] = &in;
  return true;
}

void joint_visit::wait_for_owners() noexcept {
  if (!has_owners_) return;
  fence_owners();
  for (std::uint32_t i = 0; i < count_; ++i) {
    if (owners_[i] != 0) wait_for_owner(*lanes_[i], owners_[i]);
  }
}

bool is_owned_by_another(const lane& in) noexcept {
  const thread_id owner = in.owner.load(std::memory_order_relaxed);
  return owner != 0 && owner != own_id() && is_alive(owner);
}

void lend_if_due(lane& in, thread_slot& self) noexcept {
  const bool has_another = self.borrowed != 0 && self.borrowed != in.index;
  if (!is_lending_due(in) || has_another || !self.is_registered()) return;
  if (!owners_possible()) {
    // Not to be asked at each block.
    in.hands.comings_left = comings_for_a_fence;
    return;
  }
  const thread_id id = self.id.load(std::memory_order_relaxed);
  // What it makes as the borrower is none of what another makes alone.
  note_worker(in, id);
  in.owner.store(id, std::memory_order_relaxed);
  self.borrowed = in.index;
}

[[gnu::noinline]] void give_back_borrowed(thread_slot& self, const lane* but_for) noexcept {
  lane& in = lane_at(self.borrowed);
  const thread_id id = self.id.load(std::memory_order_relaxed);
  const auto is_own = [&] { return in.owner.load(std::memory_order_relaxed) == id; };
  if (&in == but_for && is_own()) return;
  self.borrowed = 0;
  // Whoever has the guard takes it from the thread, or looks, and leaves it lent.
  if (!is_own() || in.guard.is_held()) return;
  in.guard.acquire(lock_rank::lane);
  if (is_own() && in.hands.changes == most_changes) in.owner.store(0, std::memory_order_relaxed);
  in.guard.release(lock_rank::lane);
}

void become_owner(lane& in) noexcept {
  if (in.owner.load(std::memory_order_relaxed) != 0) return;
  if (in.hands.changes == most_changes) {
    if (!works_alone(in, own_id())) return lend_if_due(in, this_thread());
    in.hands.changes = most_changes - 1;
  }
  in.worker = 0;
  if (!owners_possible()) {
    in.hands.changes = most_changes;
  } else {
    in.owner.store(own_id(), std::memory_order_relaxed);
  }
}

}  // namespace connarena
