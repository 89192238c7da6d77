// process_malloc.hpp - whichever malloc the program is linked to.
#pragma once

#include <cstdlib>

#include "works/all.hpp"

namespace micro {

/// A contender gives it a name.
struct process_malloc {
  static constexpr traits can{
      .closes_wholesale = false, .any_thread_frees = true, .any_thread_allocates = true};

  void open() {}
  void close() {}
  void* allocate(std::size_t size) { return std::malloc(size); }
  void deallocate(void* block, [[maybe_unused]] std::size_t size) { std::free(block); }
  void* reallocate(void* block, std::size_t, std::size_t size) { return std::realloc(block, size); }
};

}  // namespace micro
