// jemalloc_arena_resource.cpp - std::pmr calls in terms of mallocx and mallctl.
#include <connarena/jemalloc_arena_resource.hpp>
#include <jemalloc/jemalloc.h>

#include <algorithm>
#include <new>

namespace connarena {
namespace {

/// jemalloc's parsed form of "arena.<index>.<verb>": parsing the text again at
/// every call costs more than an allocation.
struct arena_command {
  explicit arena_command(const char* text) noexcept {
    valid = mallctlnametomib(text, path, &length) == 0;
  }
  void apply_to(unsigned index) const noexcept {
    if (!valid) return;
    std::size_t with_index[3] = {path[0], index, path[2]};
    mallctlbymib(with_index, length, nullptr, nullptr, nullptr, 0);
  }

  std::size_t path[3] = {};
  std::size_t length = 3;
  bool valid;
};

unsigned create_arena() {
  unsigned index = 0;
  std::size_t index_size = sizeof index;
  if (mallctl("arenas.create", &index, &index_size, nullptr, 0) != 0) throw std::bad_alloc();
  return index;
}

int flags_of(unsigned index, std::size_t alignment) noexcept {
  return static_cast<int>(MALLOCX_ARENA(index)) | MALLOCX_TCACHE_NONE |
         static_cast<int>(MALLOCX_ALIGN(alignment));
}

/// mallocx takes no size of 0.
std::size_t at_least_one(std::size_t size_bytes) noexcept {
  return std::max<std::size_t>(size_bytes, 1);
}

}  // namespace

jemalloc_arena_resource::jemalloc_arena_resource() : index_(create_arena()) {}

jemalloc_arena_resource::~jemalloc_arena_resource() {
  static const arena_command destroy("arena.0.destroy");
  destroy.apply_to(index_);
}

void jemalloc_arena_resource::release() noexcept {
  static const arena_command reset("arena.0.reset");
  reset.apply_to(index_);
}

void* jemalloc_arena_resource::do_allocate(std::size_t size_bytes, std::size_t alignment) {
  void* block = mallocx(at_least_one(size_bytes), flags_of(index_, alignment));
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void jemalloc_arena_resource::do_deallocate(void* block, std::size_t size_bytes,
                                            std::size_t alignment) {
  sdallocx(block, at_least_one(size_bytes), flags_of(index_, alignment));
}

bool jemalloc_arena_resource::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  return this == &other;
}

}  // namespace connarena
