// patience.hpp - how to wait for what another thread is about to do, where it cannot
// wake the one who waits.
//
// It is done within tens of instructions, as long as that thread runs. It may have been
// preempted by the very thread that waits: a real-time thread that only spins, or yields
// to its equals, would keep it from ever going on. So that one sleeps, longer each time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "os/os.hpp"
#include "os/processor.hpp"

namespace connarena {

class patience {
 public:
  /// Lets some time pass before the next look.
  void wait() noexcept {
    if (looks_ < most_spins + most_yields) ++looks_;
    if (looks_ < most_spins) {
      processor::rest_a_moment();
    } else if (looks_ < most_spins + most_yields) {
      os::yield();
    } else {
      os::nap(nap_ns_);
      nap_ns_ = std::min(2 * nap_ns_, longest_nap_ns);
    }
  }

 private:
  static constexpr std::uint32_t most_spins = 64;
  static constexpr std::uint32_t most_yields = 16;
  // About what a sleep takes at least, and a tick of the scheduler's.
  static constexpr std::uint32_t shortest_nap_ns = 50'000;
  static constexpr std::uint32_t longest_nap_ns = 4'000'000;

  std::uint32_t looks_ = 0;
  std::uint32_t nap_ns_ = shortest_nap_ns;
};

}  // namespace connarena
