// mimalloc_heap_resource.hpp - one mimalloc heap as a std::pmr::memory_resource.
//
// For comparison, and for programs that already run on mimalloc. It links
// libmimalloc, which replaces the malloc of the whole process, and none of
// connarena's own code: CMake target connarena::mimalloc, built where libmimalloc
// is found.
//
// Limits, as measured with mimalloc 2.0.9: 3.1 KiB of resident memory for an
// empty heap and 4 KiB more with its first block; destroying walks the list of
// the thread's younger heaps, 160 us for the oldest of 5,000 and 17 ms for that
// of 100,000. What destroyed heaps leave behind stays resident until other
// activity purges it.
#pragma once

#if __cplusplus < 201703L
#error "connarena needs C++17 or later: -std=c++17"
#else

#include <cstddef>
#include <memory_resource>

/// mimalloc's heap. Its header is not needed here.
struct mi_heap_s;

namespace connarena {

/// A mimalloc heap of its own.
///
/// Threads: the thread that created it, and no other, allocates, releases and
/// destroys; any thread may deallocate. The end of that thread moves the blocks
/// into mimalloc's own care and invalidates the heap: destroy it before.
class mimalloc_heap_resource final : public std::pmr::memory_resource {
 public:
  /// Creates the heap. Fails: std::bad_alloc when mimalloc has no memory left.
  mimalloc_heap_resource();
  mimalloc_heap_resource(const mimalloc_heap_resource&) = delete;
  mimalloc_heap_resource& operator=(const mimalloc_heap_resource&) = delete;
  /// Ends every block and destroys the heap. Pre: on the creating thread.
  ~mimalloc_heap_resource() override;

  /// Ends every block; the resource stays usable. Pre: on the creating thread.
  /// Fails: std::bad_alloc when mimalloc has no memory for a new heap; the old
  /// one is then untouched.
  void release();

  /// The heap, for mimalloc's own functions.
  [[nodiscard]] mi_heap_s* heap() const noexcept { return heap_; }

 private:
  /// Fails: std::bad_alloc when mimalloc has no memory left.
  void* do_allocate(std::size_t size_bytes, std::size_t alignment) override;
  void do_deallocate(void* block, std::size_t size_bytes, std::size_t alignment) override;
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override;

  mi_heap_s* heap_;
};

}  // namespace connarena

#endif  // C++17
