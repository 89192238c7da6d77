// synchronized_arena.cpp - connarena::synchronized_arena, for any thread. It
// grows blocks by the C API, as its handle allows.
#include <connarena/arena.hpp>

#include "contenders/pmr_heap.hpp"
#include "works/all.hpp"

namespace micro {
namespace {

struct synchronized_arena : pmr_heap<connarena::synchronized_arena> {
  static constexpr const char* name = "synchronized_arena";
  static constexpr traits can{.any_thread_frees = true, .any_thread_allocates = true};

  void* reallocate(void* block, std::size_t, std::size_t size) {
    return connarena_realloc(resource().handle(), block, size);
  }
};

[[maybe_unused]] const bool registered = register_works<synchronized_arena>();

}  // namespace
}  // namespace micro
