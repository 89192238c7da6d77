// jemalloc_arena.cpp - an arena of jemalloc's for each connection.
#include <connarena/jemalloc_arena_resource.hpp>

#include "contenders/pmr_heap.hpp"
#include "works/all.hpp"

namespace micro {
namespace {

struct jemalloc_arena : pmr_heap<connarena::jemalloc_arena_resource> {
  static constexpr const char* name = "jemalloc_arena";
  static constexpr traits can{.any_thread_frees = true,
                              .any_thread_allocates = true,
                              .most_open = 4000,
                              .why_no_more = "4,086 arenas"};
};

[[maybe_unused]] const bool registered = register_works<jemalloc_arena>();

}  // namespace
}  // namespace micro
