#include "arena/user_pointers.hpp"

#include <atomic>

#include "heap/lane_table.hpp"

namespace connarena {
namespace {

struct entry {
  std::atomic<std::uint64_t> generation;
  std::atomic<void*> user;
};

constinit lane_table<entry> entries{};

}  // namespace

void* user_of(std::uint32_t index, std::uint64_t generation) noexcept {
  const entry* const found = entries.find(index);
  if (found == nullptr) return nullptr;
  // acquire: pairs with the release of the generation in set_user
  if (found->generation.load(std::memory_order_acquire) != generation) return nullptr;
  // acquire: pairs with the release of the pointer: who has found a later arena's finds its
  // generation, or none
  void* const user = found->user.load(std::memory_order_acquire);
  return found->generation.load(std::memory_order_relaxed) == generation ? user : nullptr;
}

bool set_user(std::uint32_t index, std::uint64_t generation, void* user) noexcept {
  entry* const made = entries.make(index);
  if (made == nullptr) return false;
  if (made->generation.load(std::memory_order_relaxed) != generation) {
    made->generation.store(0, std::memory_order_relaxed);
  }
  // release: whoever finds the pointer sees what it points at, and whose it is no more
  made->user.store(user, std::memory_order_release);
  made->generation.store(generation, std::memory_order_release);
  return true;
}

}  // namespace connarena
