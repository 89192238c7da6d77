// own_malloc_program - a program with a malloc of its own, as if linked to a static
// allocator, and the C++ library's operators: their blocks are its own.
//
// Exit codes: 0 all is its own, 1 malloc is not, 2 new's block is not, 3 a block of
// new was not given back to it, 4 reallocarray's block is not, or has lost its text, 5
// what the C library reads into is not, 6 an aligned block is its own, or not aligned: the
// C library has a heap of its own for those.
#define CONNARENA_WEAK
#include <connarena/connarena.h>
#include <malloc.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <new>

namespace {

alignas(16) char memory[1 << 20];
std::size_t used = 0;
int freed = 0;

struct alignas(16) header {
  std::size_t size_bytes;
};

bool is_own(const void* block) {
  const char* const at = static_cast<const char*>(block);
  return at > memory && at < memory + sizeof memory;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) noexcept {
  const std::size_t rounded = (size + 15) & ~std::size_t{15};
  if (size > sizeof memory - used - sizeof(header)) return nullptr;
  auto* const block = reinterpret_cast<header*>(memory + used);
  block->size_bytes = rounded;
  used += sizeof(header) + rounded;
  return block + 1;
}

void free(void* block) noexcept {
  if (is_own(block)) ++freed;
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  return malloc(count * size);  // memory is never used twice
}

void* realloc(void* block, std::size_t size) noexcept {
  void* const moved = malloc(size);
  if (block != nullptr && moved != nullptr) {
    const std::size_t old_bytes = (static_cast<header*>(block) - 1)->size_bytes;
    std::memcpy(moved, block, old_bytes < size ? old_bytes : size);
  }
  return moved;
}

}  // extern "C"

int main() {
  if (!is_own(malloc(100))) return 1;
  for (const std::size_t size : {std::size_t{24}, std::size_t{20000}}) {
    void* const block = ::operator new(size);
    if (!is_own(block)) return 2;
    const int freed_before = freed;
    ::operator delete(block, size);
    if (freed != freed_before + 1) return 3;
  }
  for (const std::size_t count : {std::size_t{100}, std::size_t{10000}}) {
    void* const text = std::strcpy(static_cast<char*>(malloc(8)), "text");
    char* const grown = static_cast<char*>(reallocarray(text, count, 3));
    if (!is_own(grown) || std::strcmp(grown, "text") != 0) return 4;
    free(grown);
  }
  char* line = nullptr;
  std::size_t room = 0;
  FILE* const file = fopen("/proc/self/status", "r");
  if (file == nullptr || getline(&line, &room, file) <= 0 || !is_own(line)) return 5;
  for (const std::size_t size : {std::size_t{100}, std::size_t{20000}}) {
    void* block = nullptr;
    if (posix_memalign(&block, 4096, size) != 0) return 6;
    for (void* each :
         {block, memalign(4096, size), aligned_alloc(4096, size), valloc(size), pvalloc(size)}) {
      if (is_own(each) || reinterpret_cast<std::uintptr_t>(each) % 4096 != 0) return 6;
      if (connarena_of != nullptr && connarena_of(each) != 0) return 6;
    }
  }
  return 0;
}
