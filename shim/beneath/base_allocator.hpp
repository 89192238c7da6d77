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
  int (*malloc_trim)(std::size_t);  ///< may be null, as all that follow
  struct mallinfo2 (*mallinfo2)();
  // jemalloc's own
  void* (*mallocx)(std::size_t, int);
  void* (*rallocx)(void*, std::size_t, int);
  std::size_t (*xallocx)(void*, std::size_t, std::size_t, int);
  void (*dallocx)(void*, int);
  std::size_t (*nallocx)(std::size_t, int);
};

extern constinit base_allocator base;

/// Looks the base allocator up; does nothing the second time. The process's first
/// call of malloc gets here.
void find_base() noexcept;

}  // namespace connarena::shim
