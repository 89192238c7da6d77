#include "shim/beneath/base_allocator.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <dlfcn.h>

#include "shim/beneath/bootstrap_heap.hpp"
#include "shim/beneath/defined_names.hpp"

namespace connarena::shim {
namespace {

enum class stage : unsigned char { unknown, looking, found };
std::atomic<stage> looked_up{stage::unknown};
base_allocator found;

bool is_found() noexcept {
  find_base();
  // acquire: pairs with the release in find_base
  return looked_up.load(std::memory_order_acquire) == stage::found;
}

void* out_of_memory() noexcept {
  errno = ENOMEM;
  return nullptr;
}

void* first_malloc(std::size_t size) noexcept {
  if (is_found()) return base.malloc(size);
  void* const block = bootstrap::allocate(size);
  return block != nullptr ? block : out_of_memory();
}

void* first_calloc(std::size_t count, std::size_t size) noexcept {
  if (is_found()) return base.calloc(count, size);
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return out_of_memory();
  return first_malloc(bytes);
}

int first_posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
  return is_found() ? base.posix_memalign(block, alignment, size) : ENOMEM;
}

// The three calls that are given a block may be given one of the bootstrap heap:
// they stay in place where it was used, and else step aside.

void free_either(void* block) noexcept {
  if (bootstrap::owns(block)) return;
  if (is_found()) found.free(block);
}

std::size_t usable_size_of_either(void* block) noexcept {
  if (bootstrap::owns(block)) return bootstrap::usable_size(block);
  return is_found() ? found.malloc_usable_size(block) : 0;
}

void* realloc_either(void* block, std::size_t size) noexcept {
  if (!bootstrap::owns(block)) {
    if (is_found()) return found.realloc(block, size);
    return block == nullptr ? first_malloc(size) : out_of_memory();
  }
  void* const moved = base.malloc(size);
  if (moved != nullptr) std::memcpy(moved, block, std::min(size, bootstrap::usable_size(block)));
  return moved;
}

struct symbol {
  const char* name;
  void* call;
};

// Not inlined and no tail call: dlsym finds "next" by the address it returns to.
[[gnu::noinline]] void look_up(const symbol* first, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_defined_after_us(first[i].name)) continue;
    void* const address = dlsym(RTLD_NEXT, first[i].name);
    std::memcpy(first[i].call, &address, sizeof address);
  }
}

void look_up_what_always_exists() noexcept {
  const symbol needed[] = {{"malloc", &found.malloc},
                           {"free", &found.free},
                           {"calloc", &found.calloc},
                           {"realloc", &found.realloc},
                           {"posix_memalign", &found.posix_memalign},
                           {"reallocarray", &found.reallocarray},
                           {"memalign", &found.memalign},
                           {"aligned_alloc", &found.aligned_alloc},
                           {"valloc", &found.valloc},
                           {"pvalloc", &found.pvalloc},
                           {"malloc_usable_size", &found.malloc_usable_size}};
  look_up(needed, std::size(needed));
}

void look_up_the_rest() noexcept {
  const symbol rest[] = {{"malloc_trim", &found.malloc_trim}, {"mallinfo2", &found.mallinfo2},
                         {"mallocx", &found.mallocx},         {"rallocx", &found.rallocx},
                         {"xallocx", &found.xallocx},         {"dallocx", &found.dallocx},
                         {"nallocx", &found.nallocx}};
  look_up(rest, std::size(rest));
}

void use_found() noexcept {
  base = found;
  if (!bootstrap::is_used()) return;
  base.free = free_either;
  base.realloc = realloc_either;
  base.malloc_usable_size = usable_size_of_either;
}

}  // namespace

constinit base_allocator base = {.malloc = first_malloc,
                                 .free = free_either,
                                 .calloc = first_calloc,
                                 .realloc = realloc_either,
                                 .posix_memalign = first_posix_memalign,
                                 .malloc_usable_size = usable_size_of_either};

void find_base() noexcept {
  stage expected = stage::unknown;
  if (!looked_up.compare_exchange_strong(expected, stage::looking)) return;
  look_up_what_always_exists();
  use_found();
  // release: pairs with the acquire in is_found
  looked_up.store(stage::found, std::memory_order_release);
  look_up_the_rest();
  use_found();
}

}  // namespace connarena::shim
