// chunked_table.hpp - an array that grows without moving, for readers without a lock.
//
// Chunks are mapped when first written and stay for the life of the process; the
// system gives their pages when they are touched. Entries start out zero. Usable
// from any thread, from signal handlers and before main.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <sys/mman.h>

#include "shim/handler_safe/allowed_calls.hpp"

namespace connarena::shim {

template <typename Entry, std::size_t ChunkCount, std::size_t ChunkEntries>
class chunked_table {
 public:
  static constexpr std::size_t capacity = ChunkCount * ChunkEntries;

  /// Null where nothing was ever written.
  [[nodiscard]] Entry* find(std::size_t index) const noexcept {
    if (index >= capacity) return nullptr;
    // acquire: pairs with the release in map_chunk
    Entry* const chunk = chunks_[index / ChunkEntries].load(std::memory_order_acquire);
    return chunk != nullptr ? chunk + index % ChunkEntries : nullptr;
  }

  /// Null past the capacity or without memory.
  [[nodiscard]] Entry* make(std::size_t index) noexcept {
    if (index >= capacity) return nullptr;
    if (Entry* const entry = find(index)) return entry;
    return map_chunk(index / ChunkEntries) ? find(index) : nullptr;
  }

  /// One past the last entry that may have been written.
  [[nodiscard]] std::size_t end() const noexcept {
    return chunks_end_.load(std::memory_order_relaxed) * ChunkEntries;
  }

 private:
  [[gnu::noinline]] bool map_chunk(std::size_t number) noexcept {
    if (!may_map()) return false;
    constexpr std::size_t bytes = ChunkEntries * sizeof(Entry);
    void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return false;
    Entry* none = nullptr;
    // release: pairs with the acquire in find
    if (!chunks_[number].compare_exchange_strong(none, static_cast<Entry*>(memory),
                                                 std::memory_order_acq_rel)) {
      munmap(memory, bytes);
    }
    std::size_t end = chunks_end_.load(std::memory_order_relaxed);
    while (end <= number && !chunks_end_.compare_exchange_weak(end, number + 1)) {
    }
    return true;
  }

  std::atomic<Entry*> chunks_[ChunkCount]{};
  std::atomic<std::size_t> chunks_end_{0};
};

}  // namespace connarena::shim
