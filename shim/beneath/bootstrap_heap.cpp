#include "shim/beneath/bootstrap_heap.hpp"

#include <atomic>

namespace connarena::shim::bootstrap {
namespace {

// The loader asks for a message of some hundred bytes where a name is missing.
constexpr std::size_t buffer_bytes = 32768;
constexpr std::size_t alignment = 16;

/// Before each block, so that the block keeps its alignment.
struct alignas(alignment) header {
  std::size_t size_bytes;
};

alignas(alignment) char buffer[buffer_bytes];
std::atomic<std::size_t> used{0};

}  // namespace

void* allocate(std::size_t size_bytes) noexcept {
  if (size_bytes > buffer_bytes) return nullptr;
  const std::size_t rounded = (size_bytes + alignment - 1) & ~(alignment - 1);
  const std::size_t needed = sizeof(header) + rounded;
  const std::size_t at = used.fetch_add(needed, std::memory_order_relaxed);
  if (at + needed > buffer_bytes) return nullptr;
  auto* const block = reinterpret_cast<header*>(buffer + at);
  block->size_bytes = rounded;
  return block + 1;
}

bool owns(const void* address) noexcept {
  const char* const at = static_cast<const char*>(address);
  return at >= buffer && at < buffer + buffer_bytes;
}

bool is_used() noexcept { return used.load(std::memory_order_relaxed) != 0; }

std::size_t usable_size(const void* block) noexcept {
  return (static_cast<const header*>(block) - 1)->size_bytes;
}

}  // namespace connarena::shim::bootstrap
