#include "os/lock.hpp"

#include "os/os.hpp"

namespace connarena {

void lock::acquire_slow() noexcept {
  // Critical sections are tens of instructions: spinning a little beats a sleep.
  for (int spins = 0; spins < 64; ++spins) {
    std::uint32_t expected = unlocked;
    if (word_.load(std::memory_order_relaxed) == unlocked &&
        word_.compare_exchange_weak(expected, locked, std::memory_order_acquire)) {
      return;
    }
    __builtin_ia32_pause();
  }
  while (word_.exchange(contended, std::memory_order_acquire) != unlocked) {
    os::wait(reinterpret_cast<const std::uint32_t*>(&word_), contended);
  }
}

void lock::wake() noexcept { os::wake_one(reinterpret_cast<std::uint32_t*>(&word_)); }

}  // namespace connarena
