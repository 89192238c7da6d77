// disconnect_gate.hpp - where who closes a descriptor and who disconnects it meet: at the
// word that says which connection the descriptor is.
//
// A number that was closed may be another socket's at once. So who disconnects says of which
// connection, and then looks whether the word still names it; who closes takes the word out,
// and then looks whether anybody is at that connection: one of the two sees the other. Where
// a call closes descriptors whose words stay until it has succeeded (dup2, close_range), the
// caller says so first, and nobody disconnects meanwhile.
//
// Threads: any. Nobody who is inside may be interrupted by a handler that closes.
#pragma once

#include <atomic>
#include <cstdint>
#include <sched.h>

#include "shim/lifetime/connection_id.hpp"

namespace connarena::shim {

class disconnect_gate {
 public:
  enum class outcome : unsigned char {
    done,
    gone,  ///< the descriptor is another's by now, or nobody's
    busy,  ///< a call is closing descriptors: later
  };

  /// Calls `act()` while the descriptor of a word is the connection's and stays open.
  template <typename Act>
  outcome at_open(const std::atomic<connection_id>& word, connection_id connection,
                  Act act) noexcept {
    enter(connection);
    outcome result = outcome::gone;
    // seq_cst: comes after `inside_`, as who closes looks at that after what it did here
    if (blind_closes_.load() != 0) {
      result = outcome::busy;
    } else if (word.load() == connection) {
      act();
      result = outcome::done;
    }
    // release: who closes next comes after the act
    inside_.store(0, std::memory_order_release);
    return result;
  }

  /// For who has taken a word out, by a sequentially consistent exchange, and is about to
  /// close.
  void wait_until_left(connection_id taken) const noexcept {
    while (inside_.load() == taken) pause();
  }

  /// Around a call that closes descriptors whose words are still there.
  void begin_blind_close() noexcept {
    blind_closes_.fetch_add(1);
    while (inside_.load() != 0) pause();
  }
  void end_blind_close() noexcept { blind_closes_.fetch_sub(1); }

  /// In a forked child: nobody else is there.
  void reset() noexcept {
    inside_.store(0);
    blind_closes_.store(0);
  }

 private:
  static void pause() noexcept { sched_yield(); }

  void enter(connection_id connection) noexcept {
    connection_id nobody = 0;
    while (!inside_.compare_exchange_weak(nobody, connection)) {
      nobody = 0;
      pause();
    }
  }

  std::atomic<connection_id> inside_{0};
  std::atomic<std::uint32_t> blind_closes_{0};
};

/// The process's.
inline constinit disconnect_gate disconnects{};

}  // namespace connarena::shim
