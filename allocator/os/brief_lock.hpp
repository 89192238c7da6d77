// brief_lock.hpp - a 4-byte lock that is held for tens of instructions at a time, seldom
// for longer: one atomic read-modify-write takes it, a plain store gives it back.
//
// Whoever finds it held looks again, and soon sleeps between its looks: nobody has to be
// woken, so that a thread that takes it again and again pays nothing for those who wait,
// and one that was preempted inside gets the processor.
//
// Who may work beside it without taking it, as long as it is free, can be asked to
// take it: it is then not free, but whoever acquires it gets it.
//
// Never calls malloc, needs no constructor, and can be reset in a forked child whose lock
// holder did not come along. Whoever takes it says at which rank: see lock_rank.hpp.
#pragma once

#include <atomic>
#include <cstdint>

#include "os/lock_guard.hpp"
#include "os/lock_rank.hpp"

namespace connarena {

class brief_lock {
 public:
  void acquire(lock_rank rank) noexcept {
    check_may_take(rank);
    if (!take(unlocked)) acquire_slow();
    note_taken(rank);
  }

  /// Acquires it if nobody holds it and nobody asks for it: whoever finds this false has
  /// something to do before, or has to wait.
  [[nodiscard]] bool try_acquire(lock_rank rank) noexcept {
    if (!take(unlocked)) return false;
    note_taken(rank);
    return true;
  }

  void release(lock_rank rank) noexcept {
    note_given(rank);
    // release: pairs with the acquire in take() and is_free()
    word_.store(unlocked, std::memory_order_release);
  }

  /// Whether nobody holds it at this moment, or asks for it.
  [[nodiscard]] bool is_free() const noexcept {
    // acquire: pairs with the release in release()
    return word_.load(std::memory_order_acquire) == unlocked;
  }
  /// Whether somebody holds it at this moment.
  [[nodiscard]] bool is_held() const noexcept {
    return word_.load(std::memory_order_relaxed) == locked;
  }

  /// Asks the next one who finds it not free to acquire it. False if that has been
  /// asked before and nobody has come.
  [[nodiscard]] bool ask() noexcept {
    std::uint32_t expected = unlocked;
    // release: pairs with the acquire in take(): who comes finds what it is asked for
    return word_.compare_exchange_strong(expected, asked, std::memory_order_release,
                                         std::memory_order_relaxed) ||
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
  static constexpr std::uint32_t asked = 2;  ///< nobody holds it

  [[nodiscard]] bool take(std::uint32_t expected) noexcept {
    // acquire: pairs with the release in release()
    return word_.compare_exchange_strong(expected, locked, std::memory_order_acquire,
                                         std::memory_order_relaxed);
  }
  void acquire_slow() noexcept;

  std::atomic<std::uint32_t> word_{unlocked};
};

}  // namespace connarena
