// mimalloc.cpp - mimalloc; its sized free only checks the size.
#include <mimalloc.h>

#include "works/all.hpp"

namespace micro {
namespace {

struct mimalloc {
  static constexpr const char* name = "mimalloc";
  static constexpr traits can{
      .closes_wholesale = false, .any_thread_frees = true, .any_thread_allocates = true};

  void open() {}
  void close() {}
  void* allocate(std::size_t size) { return mi_malloc(size); }
  void deallocate(void* block, [[maybe_unused]] std::size_t size) { mi_free(block); }
  void* reallocate(void* block, std::size_t, std::size_t size) { return mi_realloc(block, size); }
};

[[maybe_unused]] const bool registered = register_works<mimalloc>();

}  // namespace
}  // namespace micro
