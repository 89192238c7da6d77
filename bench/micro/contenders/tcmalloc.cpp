// tcmalloc.cpp - gperftools' tcmalloc, told the size of what it frees.
#include <gperftools/tcmalloc.h>

#include "works/all.hpp"

namespace micro {
namespace {

struct tcmalloc {
  static constexpr const char* name = "tcmalloc";
  static constexpr traits can{
      .closes_wholesale = false, .any_thread_frees = true, .any_thread_allocates = true};

  void open() {}
  void close() {}
  void* allocate(std::size_t size) { return tc_malloc(size); }
  void deallocate(void* block, [[maybe_unused]] std::size_t size) { tc_free_sized(block, size); }
  void* reallocate(void* block, std::size_t, std::size_t size) { return tc_realloc(block, size); }
};

[[maybe_unused]] const bool registered = register_works<tcmalloc>();

}  // namespace
}  // namespace micro
