#include "arena/lane/access.hpp"

#include "base/checks.hpp"
#include "os/patience.hpp"

namespace connarena {
namespace {

enum class fences : std::uint8_t { unknown, present, absent, not_used };
std::atomic<fences> system_fences{fences::unknown};

void wait_for_owner(const lane& in, thread_id owner) noexcept {
  // Without it neither side would know of the other.
  if (!os::fence_all_threads()) die_internal("the system refuses to fence threads");
  patience waiting;
  // acquire: pairs with the release in leave_as_owner
  while (lane_inside(owner).load(std::memory_order_acquire) == &in) waiting.wait();
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

visit::visit(lane& in, lock_rank rank) noexcept : in_(in), rank_(rank) {
  in.guard.acquire(rank);
  const thread_id owner = in.owner.load(std::memory_order_relaxed);
  if (owner == 0 || owner == this_thread().id.load(std::memory_order_relaxed)) return;
  if (is_alive(owner)) {
    wait_for_owner(in, owner);
  } else {
    in.owner.store(0, std::memory_order_relaxed);
  }
}

bool is_owned_by_another(const lane& in) noexcept {
  const thread_id owner = in.owner.load(std::memory_order_relaxed);
  return owner != 0 && owner != this_thread().id.load(std::memory_order_relaxed) && is_alive(owner);
}

void claim(lane& in) noexcept {
  const thread_id self = this_thread().id.load(std::memory_order_relaxed);
  if (self == 0 || !owners_possible()) return;
  if (in.owner.load(std::memory_order_relaxed) == 0) {
    in.owner.store(self, std::memory_order_relaxed);
  }
}

}  // namespace connarena
