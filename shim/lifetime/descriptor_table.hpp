// descriptor_table.hpp - one word a descriptor: the connection that it is. Read by anybody
// without a lock; what writes it is in descriptors.hpp.
#pragma once

#include <atomic>
#include <cstddef>

#include "shim/handler_safe/chunked_table.hpp"
#include "shim/lifetime/connection_id.hpp"

namespace connarena::shim {

namespace detail {
// 2^28 descriptors; the system's own bound is lower by default.
using descriptor_table = chunked_table<std::atomic<connection_id>, 16384, 16384>;
inline constinit descriptor_table descriptors;
}  // namespace detail

/// 0: no connection.
[[nodiscard]] inline connection_id connection_at(int fd) noexcept {
  const auto* const word = detail::descriptors.find(static_cast<std::size_t>(fd));
  // acquire: pairs with the release in put_connection
  return word != nullptr ? word->load(std::memory_order_acquire) : 0;
}

}  // namespace connarena::shim
