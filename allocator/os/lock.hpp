// lock.hpp - a 4-byte lock that sleeps in the kernel when it has to wait.
//
// Who may work beside it without taking it, as long as it is free, can be asked to
// take it: it is then not free, but whoever acquires it gets it.
//
// Never calls malloc, needs no constructor, and can be reset in a forked child
// whose lock holder did not come along. Whoever takes it says at which rank: a lock lies
// in memory that was just zeroed, and has no room to say so itself. See lock_rank.hpp.
#pragma once

#include <atomic>
#include <cstdint>

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

  /// Whether nobody holds it at this moment.
  [[nodiscard]] bool is_free() const noexcept {
    // acquire: pairs with the release in release()
    return word_.load(std::memory_order_acquire) == unlocked;
  }

  /// Asks the next one who finds it not free to acquire it. False if that has been
  /// asked before and nobody has come.
  [[nodiscard]] bool ask() noexcept {
    std::uint32_t expected = unlocked;
    return word_.compare_exchange_strong(expected, asked, std::memory_order_relaxed) ||
           expected != asked;
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
  static constexpr std::uint32_t asked = 3;  ///< nobody holds it

  void acquire_slow() noexcept;
  void wake() noexcept;

  std::atomic<std::uint32_t> word_{unlocked};
};

class lock_guard {
 public:
  lock_guard(lock& held, lock_rank rank) noexcept : held_(held), rank_(rank) {
    held_.acquire(rank);
  }
  lock_guard(const lock_guard&) = delete;
  lock_guard& operator=(const lock_guard&) = delete;
  ~lock_guard() { held_.release(rank_); }

 private:
  lock& held_;
  const lock_rank rank_;
};

}  // namespace connarena
