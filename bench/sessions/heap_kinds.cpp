#include "sessions/heap_kinds.hpp"

#include <apr_general.h>
#include <apr_pools.h>
#include <connarena/connarena.h>
#include <jemalloc/jemalloc.h>
#include <mimalloc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#pragma weak mi_heap_new
#pragma weak mi_heap_destroy
#pragma weak mi_heap_malloc
#pragma weak mi_heap_calloc
#pragma weak mi_heap_realloc
#pragma weak mi_free
#pragma weak mallctl
#pragma weak mallocx
#pragma weak rallocx
#pragma weak dallocx

namespace sessions {
namespace {

bool is_always_here() { return true; }

namespace arena_of_connarena {

connarena_t arena_at(void* heap) { return reinterpret_cast<std::uintptr_t>(heap); }
static_assert(sizeof(connarena_t) == sizeof(void*));

void* open() { return reinterpret_cast<void*>(connarena_create(nullptr)); }
void* allocate(std::size_t size, void* heap) { return connarena_malloc(arena_at(heap), size); }
void* allocate_zeroed(std::size_t count, std::size_t size, void* heap) {
  return connarena_calloc(arena_at(heap), count, size);
}
void* reallocate(void* block, std::size_t size, void* heap) {
  return connarena_realloc(arena_at(heap), block, size);
}
void deallocate(void* block, void*) { connarena_free(block); }
void end(void* heap, nghttp2_session*) { connarena_destroy(arena_at(heap)); }

}  // namespace arena_of_connarena

namespace plain_malloc {

void* open() { return nullptr; }
void* allocate(std::size_t size, void*) { return std::malloc(size); }
void* allocate_zeroed(std::size_t count, std::size_t size, void*) {
  return std::calloc(count, size);
}
void* reallocate(void* block, std::size_t size, void*) { return std::realloc(block, size); }
void deallocate(void* block, void*) { std::free(block); }
void end(void*, nghttp2_session* session) { nghttp2_session_del(session); }

}  // namespace plain_malloc

/// A pool with an allocator of its own, which gives back what the pool had.
namespace pool_of_apr {

/// In front of each block: a pool does not know how long its blocks are.
struct alignas(16) block_head {
  std::size_t size;
};

void* open() {
  [[maybe_unused]] static const apr_status_t initialized = apr_initialize();
  apr_allocator_t* allocator = nullptr;
  apr_pool_t* pool = nullptr;
  apr_allocator_create(&allocator);
  apr_pool_create_ex(&pool, nullptr, nullptr, allocator);
  apr_allocator_owner_set(allocator, pool);
  return pool;
}
void* allocate(std::size_t size, void* heap) {
  void* const block = apr_palloc(static_cast<apr_pool_t*>(heap), sizeof(block_head) + size);
  return block == nullptr ? nullptr : new (block) block_head{size} + 1;
}
void* allocate_zeroed(std::size_t count, std::size_t size, void* heap) {
  void* const block = allocate(count * size, heap);
  return block == nullptr ? nullptr : std::memset(block, 0, count * size);
}
void* reallocate(void* block, std::size_t size, void* heap) {
  void* const longer = allocate(size, heap);
  if (block == nullptr || longer == nullptr) return longer;
  const std::size_t old_size = (static_cast<block_head*>(block) - 1)->size;
  return std::memcpy(longer, block, std::min(old_size, size));
}
void deallocate(void*, void*) {}
void end(void* heap, nghttp2_session*) { apr_pool_destroy(static_cast<apr_pool_t*>(heap)); }

}  // namespace pool_of_apr

namespace heap_of_mimalloc {

bool is_here() { return mi_heap_new != nullptr; }
mi_heap_t* heap_at(void* heap) { return static_cast<mi_heap_t*>(heap); }
void* open() { return mi_heap_new(); }
void* allocate(std::size_t size, void* heap) { return mi_heap_malloc(heap_at(heap), size); }
void* allocate_zeroed(std::size_t count, std::size_t size, void* heap) {
  return mi_heap_calloc(heap_at(heap), count, size);
}
void* reallocate(void* block, std::size_t size, void* heap) {
  return mi_heap_realloc(heap_at(heap), block, size);
}
void deallocate(void* block, void*) { mi_free(block); }
void end(void* heap, nghttp2_session*) { mi_heap_destroy(heap_at(heap)); }

}  // namespace heap_of_mimalloc

namespace arena_of_jemalloc {

bool is_here() { return mallocx != nullptr; }
unsigned index_of(void* heap) {
  return static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(heap));
}
/// Past the caches of threads, so that the arena alone holds its blocks.
int flags_of(void* heap) {
  return static_cast<int>(MALLOCX_ARENA(index_of(heap)) | MALLOCX_TCACHE_NONE);
}
void* open() {
  unsigned index = 0;
  std::size_t size = sizeof index;
  if (mallctl("arenas.create", &index, &size, nullptr, 0) != 0) std::abort();
  return reinterpret_cast<void*>(std::uintptr_t{index});
}
void* allocate(std::size_t size, void* heap) {
  return mallocx(std::max<std::size_t>(size, 1), flags_of(heap));
}
void* allocate_zeroed(std::size_t count, std::size_t size, void* heap) {
  return mallocx(std::max<std::size_t>(count * size, 1), flags_of(heap) | MALLOCX_ZERO);
}
void* reallocate(void* block, std::size_t size, void* heap) {
  return block == nullptr ? allocate(size, heap) : rallocx(block, size, flags_of(heap));
}
void deallocate(void* block, void* heap) {
  if (block != nullptr) dallocx(block, flags_of(heap));
}
void end(void* heap, nghttp2_session*) {
  const std::string name = "arena." + std::to_string(index_of(heap)) + ".destroy";
  mallctl(name.c_str(), nullptr, nullptr, nullptr, 0);
}

}  // namespace arena_of_jemalloc

constexpr heap_kind kinds[] = {
    {"connarena",
     is_always_here,
     arena_of_connarena::open,
     {nullptr, arena_of_connarena::allocate, arena_of_connarena::deallocate,
      arena_of_connarena::allocate_zeroed, arena_of_connarena::reallocate},
     arena_of_connarena::end,
     connarena_idle},
    {"malloc",
     is_always_here,
     plain_malloc::open,
     {nullptr, plain_malloc::allocate, plain_malloc::deallocate, plain_malloc::allocate_zeroed,
      plain_malloc::reallocate},
     plain_malloc::end,
     nullptr},
    {"apr",
     is_always_here,
     pool_of_apr::open,
     {nullptr, pool_of_apr::allocate, pool_of_apr::deallocate, pool_of_apr::allocate_zeroed,
      pool_of_apr::reallocate},
     pool_of_apr::end,
     nullptr},
    {"mimalloc",
     heap_of_mimalloc::is_here,
     heap_of_mimalloc::open,
     {nullptr, heap_of_mimalloc::allocate, heap_of_mimalloc::deallocate,
      heap_of_mimalloc::allocate_zeroed, heap_of_mimalloc::reallocate},
     heap_of_mimalloc::end,
     nullptr},
    {"jemalloc",
     arena_of_jemalloc::is_here,
     arena_of_jemalloc::open,
     {nullptr, arena_of_jemalloc::allocate, arena_of_jemalloc::deallocate,
      arena_of_jemalloc::allocate_zeroed, arena_of_jemalloc::reallocate},
     arena_of_jemalloc::end,
     nullptr}};

}  // namespace

std::span<const heap_kind> heap_kinds() { return kinds; }

}  // namespace sessions
