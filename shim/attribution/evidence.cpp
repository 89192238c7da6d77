#include "shim/attribution/evidence.hpp"

#include "shim/attribution/companions.hpp"
#include "shim/handler_safe/inside_core.hpp"

namespace connarena::shim {

void adopt(connection_id connection, const void* address, std::size_t size_bytes) noexcept {
  // In a handler that interrupted the core the transfer is no evidence.
  if (!core::owns(address) || is_inside_core()) return;
  const inside_core inside;
  const core::handle arena = arena_of(connection);
  if (arena == 0) return;
  const void* const taken = core::adopt_by_io(arena, address, size_bytes);
  if (taken != nullptr) take_companions(arena, taken);
}

}  // namespace connarena::shim
