#include "arena/user_pointers.hpp"

#include <atomic>

#include "heap/region.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

struct entry {
  std::atomic<std::uint64_t> generation;
  std::atomic<void*> user;
};

constexpr std::uint32_t chunk_entries = 1024;
constexpr std::size_t chunk_bytes = chunk_entries * sizeof(entry);
static_assert(chunk_bytes % page_bytes == 0);

constinit std::atomic<entry*> chunks[(owner_index_mask + 1) / chunk_entries];

/// Mapped by the first who needs it; zero as the system gives it.
entry* chunk_for(std::uint32_t index) noexcept {
  std::atomic<entry*>& chunk = chunks[index / chunk_entries];
  // acquire: pairs with the exchange below
  if (entry* const mapped = chunk.load(std::memory_order_acquire)) return mapped;
  void* const room = os::reserve(chunk_bytes);
  if (room == nullptr) return nullptr;
  entry* present = nullptr;
  if (!os::commit(room, chunk_bytes) ||
      !chunk.compare_exchange_strong(present, static_cast<entry*>(room),
                                     std::memory_order_acq_rel)) {
    os::unreserve(room, chunk_bytes);
    return present;
  }
  return static_cast<entry*>(room);
}

}  // namespace

void* user_of(std::uint32_t index, std::uint64_t generation) noexcept {
  const entry* const chunk = chunks[index / chunk_entries].load(std::memory_order_acquire);
  if (chunk == nullptr) return nullptr;
  const entry& found = chunk[index % chunk_entries];
  // acquire: pairs with the release in set_user
  if (found.generation.load(std::memory_order_acquire) != generation) return nullptr;
  return found.user.load(std::memory_order_relaxed);
}

bool set_user(std::uint32_t index, std::uint64_t generation, void* user) noexcept {
  entry* const chunk = chunk_for(index);
  if (chunk == nullptr) return false;
  entry& found = chunk[index % chunk_entries];
  found.user.store(user, std::memory_order_relaxed);
  // release: whoever finds the pointer sees what it points at
  found.generation.store(generation, std::memory_order_release);
  return true;
}

}  // namespace connarena
