#include "heap/hardening.hpp"

#include "heap/region.hpp"
#include "heap/run_sizes.hpp"

namespace connarena {

namespace detail {
constinit std::atomic<bool> hardened{false};
}  // namespace detail

void harden() noexcept {
  take_whole_pages();
  detail::hardened.store(true, std::memory_order_relaxed);
  region.links_end = 0;
}

}  // namespace connarena
