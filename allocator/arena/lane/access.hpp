// access.hpp - who is inside a lane of an arena for any thread.
//
// The owner enters without an atomic read-modify-write; everybody else visits.
// See lane.hpp for how they keep apart.
#pragma once

#include "arena/lane/lane.hpp"
#include "arena/lane/lone_lane.hpp"
#include "os/os.hpp"

namespace connarena {

/// Readies the process for owners; false where every thread must visit.
[[nodiscard]] bool owners_possible() noexcept;
/// From here on every thread visits. Who owns a lane goes on doing so.
void let_nobody_own() noexcept;
/// After that, where it was not needed.
void let_threads_own_again() noexcept;
/// In a forked child, where the system forgot.
void ready_owners_again() noexcept;

inline void leave_as_owner(thread_slot& self) noexcept {
  // release: pairs with the acquire in wait_for_owner
  self.inside.store(nullptr, std::memory_order_release);
}

/// Enters as the lane's owner. False if the thread is not, or a visitor is inside.
/// Pre: the thread has an identity.
[[nodiscard]] inline bool enter_as_owner(const lane& in, thread_slot& self) noexcept {
  const thread_id id = self.id.load(std::memory_order_relaxed);
  // release: as in leave_as_owner, of the lane that the thread was inside before
  self.inside.store(&in, std::memory_order_release);
  // Against the compiler; against the processor the visitor fences every thread.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  // The guard comes first: a visitor that has gone may have made it another's lane.
  if (in.guard.is_free() && in.owner.load(std::memory_order_relaxed) == id) [[likely]]
    return true;
  leave_as_owner(self);
  return false;
}

/// What a visitor comes for: that a lane's owner keeps it, that the work goes on in other
/// hands, or that the lane ends.
enum class visit_to : std::uint8_t { look, work, end };

/// Inside a lane that one may not own, for as long as this lives. Whoever is inside the
/// arena's first lane says so by the rank of its second.
class visit {
 public:
  explicit visit(lane& in, visit_to purpose = visit_to::look,
                 lock_rank rank = lock_rank::lane) noexcept;
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;
  ~visit() { in_.guard.release(rank_); }

 private:
  lane& in_;
  const lock_rank rank_;
};

/// Looks into many lanes for one fence.
class joint_visit {
 public:
  joint_visit() = default;
  joint_visit(const joint_visit&) = delete;
  joint_visit& operator=(const joint_visit&) = delete;

  /// Adds a lane in any case: those before it may be looked at now.
  template <typename Look>
  void add_or_look(lane& in, Look look) noexcept {
    if (add(in)) return;
    look_and_leave(look);
    static_cast<void>(add(in));
  }

  /// Calls `look(lane)` inside each, and leaves it; but for those of arenas for one thread
  /// that is inside.
  template <typename Look>
  void look_and_leave(Look look) noexcept {
    wait_for_owners();
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (may_look(i)) look(*lanes_[i]);
      lanes_[i]->guard.release(lock_rank::lane);
    }
    count_ = 0;
    has_owners_ = false;
  }

 private:
  // Who wants to work in one waits for the looks into all, at worst for so many sweeps; of
  // a fence so little is left for each that more would gain nothing.
  static constexpr std::uint32_t most = 16;

  /// Keeps others out of a lane. False if there are many already, or somebody is inside:
  /// it can be added when those have been looked at.
  [[nodiscard]] bool add(lane& in) noexcept;
  void wait_for_owners() noexcept;
  /// Its place may be another arena's by now, for which no thread was fenced.
  [[nodiscard]] bool may_look(std::uint32_t number) const noexcept {
    const lane& in = *lanes_[number];
    return are_lone_[number] ? !in.any_thread && is_left(in) : in.any_thread;
  }

  std::uint32_t count_ = 0;
  bool has_owners_ = false;
  lane* lanes_[most];
  thread_id owners_[most];
  bool are_lone_[most];
};

/// Whether another living thread owns a lane: a visit then has to wait for it.
[[nodiscard]] bool is_owned_by_another(const lane& in) noexcept;

/// A thread comes to a shared lane, perhaps after another. Pre: the caller, which it is, is inside.
inline void note_worker(lane& in, thread_id self) noexcept {
  if (in.worker == self) return;
  in.worker = self;
  in.worker_since = static_cast<std::uint32_t>(in.allocations);
  if (in.hands.comings_left != 0) --in.hands.comings_left;
}

/// Whether the one that comes is the one that came last, and has not worked there alone for long.
[[nodiscard]] inline bool goes_on(const lane& in, thread_id self) noexcept {
  const std::uint32_t made = static_cast<std::uint32_t>(in.allocations) - in.worker_since;
  return in.worker == self && made < blocks_of_one_worker;
}

/// Whether a thread has allocated in a shared lane for so long, and no other did, that it
/// would better own it: who but frees there has outboxes. Pre: the caller, which it is, is
/// inside.
[[nodiscard]] inline bool works_alone(lane& in, thread_id self) noexcept {
  note_worker(in, self);
  return !goes_on(in, self);
}

/// Makes the calling thread the owner of a lane that has none, or, of a shared one, its
/// borrower, where that may be. Pre: the caller visits the lane to work there.
void become_owner(lane& in) noexcept;

/// Whether a shared lane may be lent: others have come there often enough. Pre: the caller
/// visits it.
[[nodiscard]] inline bool is_lending_due(const lane& in) noexcept {
  return in.hands.changes == most_changes && in.hands.comings_left == 0;
}
/// Lends a lane that nobody has to a thread, if that is due and the thread has borrowed no
/// other. Pre: the thread calls, and visits the lane.
void lend_if_due(lane& in, thread_slot& self) noexcept;

/// A thread gives back what it has borrowed: but for a lane that it works in. Pre: it is in none.
void give_back_borrowed(thread_slot& self, const lane* but_for = nullptr) noexcept;

/// The same, where it has borrowed something.
[[gnu::always_inline]] inline void leave_borrowed(thread_slot& self, const lane& next) noexcept {
  if (self.borrowed != 0) [[unlikely]]
    give_back_borrowed(self, &next);
}

}  // namespace connarena
