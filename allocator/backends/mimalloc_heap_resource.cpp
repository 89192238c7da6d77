// mimalloc_heap_resource.cpp - std::pmr calls in terms of mi_heap_*.
#include <connarena/mimalloc_heap_resource.hpp>
#include <mimalloc.h>

#include <new>

namespace connarena {
namespace {

/// mimalloc aligns a block of 16 bytes or more to 16 without being asked, by a
/// shorter way than the aligned call's.
constexpr std::size_t natural_alignment = 16;

mi_heap_s* create_heap() {
  mi_heap_s* heap = mi_heap_new();
  if (heap == nullptr) throw std::bad_alloc();
  return heap;
}

}  // namespace

mimalloc_heap_resource::mimalloc_heap_resource() : heap_(create_heap()) {}

mimalloc_heap_resource::~mimalloc_heap_resource() { mi_heap_destroy(heap_); }

void mimalloc_heap_resource::release() {
  mi_heap_s* fresh = create_heap();
  mi_heap_destroy(heap_);
  heap_ = fresh;
}

void* mimalloc_heap_resource::do_allocate(std::size_t size_bytes, std::size_t alignment) {
  const bool is_natural = alignment <= natural_alignment && size_bytes >= alignment;
  void* block = is_natural ? mi_heap_malloc(heap_, size_bytes)
                           : mi_heap_malloc_aligned(heap_, size_bytes, alignment);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void mimalloc_heap_resource::do_deallocate(void* block, std::size_t, std::size_t) {
  mi_free(block);
}

bool mimalloc_heap_resource::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  return this == &other;
}

}  // namespace connarena
