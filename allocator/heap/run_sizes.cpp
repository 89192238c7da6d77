#include "heap/run_sizes.hpp"

namespace connarena {

namespace detail {
constinit std::atomic<std::uint32_t> quarter_mask{0};
}  // namespace detail

void take_whole_pages() noexcept {
  detail::quarter_mask.store(quarters_a_page - 1, std::memory_order_relaxed);
}

}  // namespace connarena
