// contender.hpp - what a work needs of a heap that it measures.
//
// A contender is one heap of one connection: closed at first, opened, used,
// closed, and opened again. A plain malloc has nothing to open; to close it a
// work frees each block.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string>

namespace micro {

inline constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
inline constexpr std::size_t page_bytes = 4096;

/// What a contender can do. A work is left out for a contender that cannot do it.
struct traits {
  bool frees_blocks = true;      ///< deallocate() makes the block's memory usable again
  bool closes_wholesale = true;  ///< close() ends every block
  bool any_thread_frees = false;
  bool any_thread_allocates = false;
  bool is_empty_loop = false;           ///< no allocator: what the harness itself costs
  std::size_t most_open = no_limit;     ///< heaps at a time
  const char* why_no_more = "no room";  ///< shown where most_open is exceeded
};

template <typename Heap>
concept contender = requires(Heap heap, void* block, std::size_t size) {
  { Heap::name } -> std::convertible_to<const char*>;
  { Heap::can } -> std::convertible_to<traits>;
  heap.open();
  heap.close();
  { heap.allocate(size) } -> std::same_as<void*>;
  heap.deallocate(block, size);
};

template <typename Heap>
concept reallocating = requires(Heap heap, void* block, std::size_t size) {
  { heap.reallocate(block, size, size) } -> std::same_as<void*>;
};

/// A user writes to what it allocates: one byte here, so that memory that comes
/// cold from the allocator costs its cache miss.
inline void* touched(void* block) noexcept {
  *static_cast<volatile char*>(block) = 1;
  return block;
}

/// Writes one byte to each page of [from, to).
inline void touch_pages(void* block, std::size_t from, std::size_t to) noexcept {
  auto* bytes = static_cast<volatile char*>(block);
  for (std::size_t at = from; at < to; at += page_bytes) bytes[at] = 1;
}

/// Frees one block where the contender can, for works that free as they go.
template <contender Heap>
void give_back(Heap& heap, void* block, std::size_t size) {
  if constexpr (Heap::can.frees_blocks) heap.deallocate(block, size);
}

/// Frees one block before close(), where close() would not.
template <contender Heap>
void give_back_at_close(Heap& heap, void* block, std::size_t size) {
  if constexpr (!Heap::can.closes_wholesale) heap.deallocate(block, size);
}

/// Resizes by the contender's own call or, as its users must, by copying.
template <contender Heap>
[[nodiscard]] void* resize(Heap& heap, void* block, std::size_t old_size, std::size_t new_size) {
  if constexpr (reallocating<Heap>) {
    return heap.reallocate(block, old_size, new_size);
  } else {
    void* larger = heap.allocate(new_size);
    std::memcpy(larger, block, old_size);
    give_back(heap, block, old_size);
    return larger;
  }
}

/// "work/contender": what the report splits.
template <contender Heap>
[[nodiscard]] std::string name_of(const std::string& work) {
  return work + '/' + Heap::name;
}

}  // namespace micro
