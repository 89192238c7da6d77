#include "heap/run_sizes.hpp"

#include "os/os.hpp"

namespace connarena {

namespace detail {
constinit std::atomic<std::uint32_t> quarter_mask{0};
}  // namespace detail

void take_whole_pages() noexcept {
  detail::quarter_mask.store(static_cast<std::uint32_t>(os::page_bytes() >> quarter_shift) - 1,
                             std::memory_order_relaxed);
}

}  // namespace connarena
