#include "os/lock.hpp"

#include "os/os.hpp"
#include "os/processor.hpp"

namespace connarena {

constinit thread_local std::uint32_t detail::held_ranks __attribute__((tls_model("initial-exec"))) =
    0;

void lock::acquire_slow() noexcept {
  // Critical sections are tens of instructions: spinning a little beats a sleep.
  for (int spins = 0; spins < 64; ++spins) {
    std::uint32_t seen = word_.load(std::memory_order_relaxed);
    if (seen == unlocked && word_.compare_exchange_weak(seen, locked, std::memory_order_acquire)) {
      return;
    }
    processor::rest_a_moment();
  }
  for (;;) {
    const std::uint32_t before = word_.exchange(contended, std::memory_order_acquire);
    if (before == unlocked) return;
    os::wait(reinterpret_cast<const std::uint32_t*>(&word_), contended);
  }
}

void lock::wake() noexcept { os::wake_one(reinterpret_cast<std::uint32_t*>(&word_)); }

}  // namespace connarena
