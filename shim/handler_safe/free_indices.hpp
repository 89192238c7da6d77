// free_indices.hpp - the free entries of a table, taken and given back without a lock.
//
// An entry has a member `free_link`, an atomic index, that is the list's while the entry
// is free. Index 0 is none. Usable from any thread, from signal handlers and before main.
#pragma once

#include <atomic>
#include <cstdint>

namespace connarena::shim {

class free_indices {
 public:
  /// The entry that was given back last, or else one never used before; the table may
  /// not have it.
  template <typename Table>
  [[nodiscard]] std::uint32_t take(const Table& table) noexcept {
    // acquire: pairs with the release in give_back
    std::uint64_t top = top_.load(std::memory_order_acquire);
    while (index_of(top) != 0) {
      const std::uint32_t next =
          table.find(index_of(top))->free_link.load(std::memory_order_relaxed);
      if (top_.compare_exchange_weak(top, after(top, next), std::memory_order_acquire)) {
        return index_of(top);
      }
    }
    return used_.fetch_add(1, std::memory_order_relaxed);
  }

  template <typename Entry>
  void give_back(std::uint32_t index, Entry& entry) noexcept {
    std::uint64_t top = top_.load(std::memory_order_relaxed);
    do {
      entry.free_link.store(index_of(top), std::memory_order_relaxed);
      // release: pairs with the acquire in take
    } while (!top_.compare_exchange_weak(top, after(top, index), std::memory_order_release));
  }

  /// One past the last index that was ever taken.
  [[nodiscard]] std::uint32_t end() const noexcept { return used_.load(std::memory_order_relaxed); }

 private:
  // A count goes with the index, against a top that went and came back.
  static constexpr std::uint32_t index_of(std::uint64_t top) noexcept {
    return static_cast<std::uint32_t>(top);
  }
  static constexpr std::uint64_t after(std::uint64_t top, std::uint32_t index) noexcept {
    return ((top >> 32) + 1) << 32 | index;
  }

  std::atomic<std::uint64_t> top_{0};
  std::atomic<std::uint32_t> used_{1};
};

}  // namespace connarena::shim
