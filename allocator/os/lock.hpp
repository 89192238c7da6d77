// lock.hpp - a 4-byte lock that sleeps in the kernel when it has to wait.
//
// Never calls malloc, needs no constructor, and can be reset in a forked child
// whose lock holder did not come along. Whoever takes it says at which rank: a lock lies
// in memory that was just zeroed, and has no room to say so itself. See lock_rank.hpp.
#pragma once

#include <atomic>
#include <cstdint>

#include "os/lock_guard.hpp"
#include "os/lock_rank.hpp"

namespace connarena {

class lock {
 public:
  void acquire(lock_rank rank) noexcept {
    check_may_take(rank);
    std::uint32_t expected = unlocked;
    // acquire: pairs with the release in release()
    if (!word_.compare_exchange_strong(expected, locked, std::memory_order_acquire)) {
      acquire_slow();
    }
    note_taken(rank);
  }

  /// False if somebody holds it.
  [[nodiscard]] bool try_acquire(lock_rank rank) noexcept {
    check_may_take(rank);
    std::uint32_t expected = unlocked;
    // acquire: pairs with the release in release()
    if (!word_.compare_exchange_strong(expected, locked, std::memory_order_acquire)) return false;
    note_taken(rank);
    return true;
  }

  void release(lock_rank rank) noexcept {
    note_given(rank);
    if (word_.exchange(unlocked, std::memory_order_release) == contended) wake();
  }

  /// Pre: the caller is the only thread left, as in a forked child.
  void reset(lock_rank rank) noexcept {
    note_given(rank);
    word_.store(unlocked, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint32_t unlocked = 0;
  static constexpr std::uint32_t locked = 1;
  static constexpr std::uint32_t contended = 2;

  void acquire_slow() noexcept;
  void wake() noexcept;

  std::atomic<std::uint32_t> word_{unlocked};
};

}  // namespace connarena
