// connarena_c.cpp - connarena by its C API. Destroyed, not closed: the works'
// blocks are still alive.
#include <connarena/connarena.h>

#include "works/all.hpp"

namespace micro {
namespace {

class connarena_c {
 public:
  static constexpr const char* name = "connarena_c";
  static constexpr traits can{.any_thread_frees = true, .any_thread_allocates = true};

  void open() { arena_ = connarena_create(nullptr); }
  void close() { connarena_destroy(arena_); }
  void* allocate(std::size_t size) { return connarena_malloc(arena_, size); }
  void deallocate(void* block, std::size_t) { connarena_free(block); }
  void* reallocate(void* block, std::size_t, std::size_t size) {
    return connarena_realloc(arena_, block, size);
  }

 private:
  connarena_t arena_ = 0;
};

[[maybe_unused]] const bool registered = register_works<connarena_c>();

}  // namespace
}  // namespace micro
