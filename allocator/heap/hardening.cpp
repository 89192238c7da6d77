#include "heap/hardening.hpp"

namespace connarena {

namespace detail {
constinit std::atomic<bool> hardened{false};
}  // namespace detail

void harden() noexcept { detail::hardened.store(true, std::memory_order_relaxed); }

}  // namespace connarena
