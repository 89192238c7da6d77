// jemalloc_arena_resource.hpp - one jemalloc arena as a std::pmr::memory_resource.
//
// For comparison, and for programs that already run on jemalloc. It links
// libjemalloc, which replaces the malloc of the whole process, and none of
// connarena's own code: CMake target connarena::jemalloc, built where libjemalloc
// is found.
//
// Limits, as measured with jemalloc 5.3.0: 4,086 arenas at a time beside the
// automatic ones of a machine with two cores; 88 KiB of resident memory for an
// empty one; 77 to 84 us to create and destroy one. What destroyed arenas leave
// behind stays resident until other activity lets it decay.
#pragma once

#if __cplusplus < 201703L
#error "connarena needs C++17 or later: -std=c++17"
#else

#include <cstddef>
#include <memory_resource>

namespace connarena {

/// A jemalloc arena of its own. Blocks bypass jemalloc's per-thread caches, so
/// that the arena alone holds them.
///
/// Threads: any thread may allocate and deallocate; jemalloc locks the arena.
class jemalloc_arena_resource final : public std::pmr::memory_resource {
 public:
  /// Creates the arena. Fails: std::bad_alloc when jemalloc has no memory or no
  /// arena index left, or when the process runs without jemalloc's mallctl.
  jemalloc_arena_resource();
  jemalloc_arena_resource(const jemalloc_arena_resource&) = delete;
  jemalloc_arena_resource& operator=(const jemalloc_arena_resource&) = delete;
  /// Ends every block and destroys the arena; its index is used again.
  /// Pre: no other thread is inside the arena.
  ~jemalloc_arena_resource() override;

  /// Ends every block; the arena stays usable. Pre: no other thread is inside it.
  void release() noexcept;

  /// jemalloc's index of the arena, for mallctl("arena.<index>.…").
  [[nodiscard]] unsigned index() const noexcept { return index_; }

 private:
  /// Fails: std::bad_alloc when jemalloc has no memory left.
  void* do_allocate(std::size_t size_bytes, std::size_t alignment) override;
  void do_deallocate(void* block, std::size_t size_bytes, std::size_t alignment) override;
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override;

  unsigned index_;
};

}  // namespace connarena

#endif  // C++17
