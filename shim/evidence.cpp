#include "shim/evidence.hpp"

namespace connarena::shim {

void adopt(connection_id connection, const void* address, std::size_t size_bytes) noexcept {
  if (!core::owns(address)) return;
  const core::handle arena = arena_of(connection);
  if (arena != 0) core::adopt_by_io(arena, address, size_bytes);
}

}  // namespace connarena::shim
