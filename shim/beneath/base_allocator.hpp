// base_allocator.hpp - the malloc under the shim.
//
// Whatever the next library in the order of search defines: a preload behind
// ours, an allocator the program is linked to, else the C library. The pointers
// start at functions that look the real ones up, so that no call has to ask
// whether that has happened.
#pragma once

#include <cstddef>
#include <malloc.h>

namespace connarena::shim {

struct base_allocator {
  void* (*malloc)(std::size_t);
  void (*free)(void*);
  void* (*calloc)(std::size_t, std::size_t);
  void* (*realloc)(void*, std::size_t);
  int (*posix_memalign)(void**, std::size_t, std::size_t);
  std::size_t (*malloc_usable_size)(void*);
  // for a program with a malloc of its own, see own_malloc.hpp; null until
  // looked up
  void* (*reallocarray)(void*, std::size_t, std::size_t) = nullptr;
  void* (*memalign)(std::size_t, std::size_t) = nullptr;
  void* (*aligned_alloc)(std::size_t, std::size_t) = nullptr;
  void* (*valloc)(std::size_t) = nullptr;
  void* (*pvalloc)(std::size_t) = nullptr;
  int (*malloc_trim)(std::size_t) = nullptr;  ///< null where there is none, as all below
  struct mallinfo2 (*mallinfo2)() = nullptr;
  // jemalloc's own
  void* (*mallocx)(std::size_t, int) = nullptr;
  void* (*rallocx)(void*, std::size_t, int) = nullptr;
  std::size_t (*xallocx)(void*, std::size_t, std::size_t, int) = nullptr;
  void (*dallocx)(void*, int) = nullptr;
  std::size_t (*nallocx)(std::size_t, int) = nullptr;
};

extern constinit base_allocator base;

/// Looks the base allocator up; does nothing the second time. The process's first
/// call of malloc gets here.
void find_base() noexcept;

}  // namespace connarena::shim
