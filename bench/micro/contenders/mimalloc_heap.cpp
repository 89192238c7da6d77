// mimalloc_heap.cpp - a heap of mimalloc's for each connection.
#include <connarena/mimalloc_heap_resource.hpp>

#include "contenders/pmr_heap.hpp"
#include "works/all.hpp"

namespace micro {
namespace {

struct mimalloc_heap : pmr_heap<connarena::mimalloc_heap_resource> {
  static constexpr const char* name = "mimalloc_heap";
  static constexpr traits can{.any_thread_frees = true};
};

[[maybe_unused]] const bool registered = register_works<mimalloc_heap>();

}  // namespace
}  // namespace micro
