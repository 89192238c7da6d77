#include "os/brief_lock.hpp"

#include "os/patience.hpp"

namespace connarena {

void brief_lock::acquire_slow() noexcept {
  patience waiting;
  for (;;) {
    const std::uint32_t seen = word_.load(std::memory_order_relaxed);
    if (seen != locked && take(seen)) return;
    waiting.wait();
  }
}

}  // namespace connarena
