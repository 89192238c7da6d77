// empty.cpp - no allocator: the cost of the works' own loops, to be subtracted.
// Twice, since a plain malloc's loop frees block by block before it closes, and
// since realloc is called where other contenders' loops copy.
#include "works/all.hpp"

namespace micro {
namespace {

/// A block of size s is bytes [2s, 3s): no state to keep, and where a block grows
/// by half or more the copy is a copy. The largest is the last of `grow`.
constexpr std::size_t largest_bytes = std::size_t{16} << 20;
alignas(page_bytes) char all_blocks[3 * largest_bytes];

struct empty {
  static constexpr const char* name = "empty";
  static constexpr traits can{.any_thread_frees = true, .is_empty_loop = true};

  void open() {}
  void close() {}
  void* allocate(std::size_t size) { return all_blocks + 2 * size; }
  void deallocate(void* block, std::size_t size) {
    benchmark::DoNotOptimize(block);
    benchmark::DoNotOptimize(size);
  }
};

struct empty_freeing : empty {
  static constexpr const char* name = "empty_freeing";
  static constexpr traits can{
      .closes_wholesale = false, .any_thread_frees = true, .is_empty_loop = true};

  void* reallocate(void* block, std::size_t, std::size_t) { return block; }
};

[[maybe_unused]] const bool registered = register_works<empty>() && register_works<empty_freeing>();

}  // namespace
}  // namespace micro
