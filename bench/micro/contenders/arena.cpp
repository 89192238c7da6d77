// arena.cpp - connarena::arena, for one thread at a time.
#include <connarena/arena.hpp>

#include "contenders/pmr_heap.hpp"
#include "works/all.hpp"

namespace micro {
namespace {

struct arena : pmr_heap<connarena::arena> {
  static constexpr const char* name = "arena";
  static constexpr traits can{};

  void* reallocate(void* block, std::size_t old_size, std::size_t size) {
    return resource().reallocate(block, old_size, size);
  }
};

[[maybe_unused]] const bool registered = register_works<arena>();

}  // namespace
}  // namespace micro
