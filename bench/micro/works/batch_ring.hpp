// batch_ring.hpp - blocks on their way from one thread to another.
//
// One thread fills, one empties. A batch changes hands as a whole, so that the
// ring's own cache lines cost each block little.
#pragma once

#include <sched.h>

#include <array>
#include <atomic>
#include <cstddef>

namespace micro {

inline constexpr std::size_t batch_blocks = 64;

struct batch {
  std::array<void*, batch_blocks> blocks;
  const std::uint32_t* sizes;  // in bytes, one for each block
};

class batch_ring {
 public:
  /// The next place to fill, once it is free.
  [[nodiscard]] batch& to_fill() noexcept {
    const std::size_t filled = filled_.load(std::memory_order_relaxed);
    // acquire: pairs with the release in emptied()
    wait_until([&] { return filled - emptied_.load(std::memory_order_acquire) < places; });
    return ring_[filled % places];
  }
  // release: pairs with the acquire in to_empty()
  void filled() noexcept { filled_.fetch_add(1, std::memory_order_release); }

  /// The next full place; null once the ring is empty and finished.
  [[nodiscard]] batch* to_empty() noexcept {
    const std::size_t emptied = emptied_.load(std::memory_order_relaxed);
    bool is_over = false;
    wait_until([&] {
      // Read before the count, or a last batch could be missed.
      is_over = finished_.load(std::memory_order_acquire);  // pairs with finish()
      // acquire: pairs with the release in filled()
      return filled_.load(std::memory_order_acquire) != emptied || is_over;
    });
    // acquire: pairs with the release in filled()
    if (filled_.load(std::memory_order_acquire) == emptied) return nullptr;
    return &ring_[emptied % places];
  }
  // release: pairs with the acquire in to_fill()
  void emptied() noexcept { emptied_.fetch_add(1, std::memory_order_release); }

  // release: pairs with the acquire in to_empty()
  void finish() noexcept { finished_.store(true, std::memory_order_release); }

 private:
  static constexpr std::size_t places = 16;  // 1,024 blocks under way

  template <typename Condition>
  static void wait_until(Condition holds) noexcept {
    constexpr int spins = 1000;  // then the other thread may need this core
    for (int spin = 0; !holds(); ++spin) {
      if (spin < spins) {
        __builtin_ia32_pause();
      } else {
        sched_yield();
      }
    }
  }

  alignas(64) std::atomic<std::size_t> filled_{0};
  alignas(64) std::atomic<std::size_t> emptied_{0};
  alignas(64) std::atomic<bool> finished_{false};
  alignas(64) std::array<batch, places> ring_;
};

}  // namespace micro
