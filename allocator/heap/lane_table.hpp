// lane_table.hpp - what few arenas want beside their lanes, which have no room: an entry for
// each lane, by its index, zero at first. Opening an arena writes nothing here.
//
// Threads: any. What an entry is of, and who may write it, its user says.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/units.hpp"
#include "heap/region.hpp"
#include "os/os.hpp"

namespace connarena {

template <typename Entry>
class lane_table {
 public:
  /// Null where nobody has made it.
  [[nodiscard]] Entry* find(std::uint32_t index) const noexcept {
    // acquire: pairs with the exchange in make
    Entry* const chunk = chunks_[index / chunk_entries].load(std::memory_order_acquire);
    return chunk != nullptr ? chunk + index % chunk_entries : nullptr;
  }

  /// Mapped by the first who needs it; null when no memory is left.
  [[nodiscard]] Entry* make(std::uint32_t index) noexcept {
    if (Entry* const made = find(index)) return made;
    void* const room = os::reserve(chunk_bytes);
    if (room == nullptr) return nullptr;
    Entry* present = nullptr;
    const bool is_first = os::commit(room, chunk_bytes) &&
                          chunks_[index / chunk_entries].compare_exchange_strong(
                              present, static_cast<Entry*>(room), std::memory_order_acq_rel);
    if (!is_first) os::unreserve(room, chunk_bytes);
    return find(index);
  }

 private:
  static constexpr std::uint32_t chunk_entries = 1024;
  static constexpr std::size_t chunk_bytes = chunk_entries * sizeof(Entry);
  static_assert(chunk_bytes % page_bytes == 0);

  std::atomic<Entry*> chunks_[(owner_index_mask + 1) / chunk_entries];
};

}  // namespace connarena
