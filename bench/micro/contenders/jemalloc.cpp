// jemalloc.cpp - jemalloc, told the size of what it frees.
#include <jemalloc/jemalloc.h>

#include "works/all.hpp"

namespace micro {
namespace {

struct jemalloc {
  static constexpr const char* name = "jemalloc";
  static constexpr traits can{
      .closes_wholesale = false, .any_thread_frees = true, .any_thread_allocates = true};

  void open() {}
  void close() {}
  void* allocate(std::size_t size) { return mallocx(size, 0); }
  void deallocate(void* block, [[maybe_unused]] std::size_t size) { sdallocx(block, size, 0); }
  void* reallocate(void* block, std::size_t, std::size_t size) { return rallocx(block, size, 0); }
};

[[maybe_unused]] const bool registered = register_works<jemalloc>();

}  // namespace
}  // namespace micro
