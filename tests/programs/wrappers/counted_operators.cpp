// counted_operators.cpp - a library with operators new and delete, as an allocator
// brings them: they count how often they are reached.
//
// It stands between the preload library and the C++ library, so that a form which
// the preload library lacks is seen.
#include "programs/wrappers/counted_operators.hpp"

#include <cstdlib>
#include <new>

namespace {

int reached = 0;

using nothrow = const std::nothrow_t&;

void* take(std::size_t size, std::align_val_t alignment = std::align_val_t{16}) {
  ++reached;
  const auto bytes = static_cast<std::size_t>(alignment);
  return aligned_alloc(bytes, (size + bytes - 1) / bytes * bytes);
}

void give(void* block) noexcept {
  ++reached;
  free(block);
}

}  // namespace

int times_next_operators_were_reached() { return reached; }

// clang-format off
void* operator new(std::size_t n) { return take(n); }
void* operator new[](std::size_t n) { return take(n); }
void* operator new(std::size_t n, std::align_val_t a) { return take(n, a); }
void* operator new[](std::size_t n, std::align_val_t a) { return take(n, a); }
void* operator new(std::size_t n, nothrow) noexcept { return take(n); }
void* operator new[](std::size_t n, nothrow) noexcept { return take(n); }
void* operator new(std::size_t n, std::align_val_t a, nothrow) noexcept { return take(n, a); }
void* operator new[](std::size_t n, std::align_val_t a, nothrow) noexcept { return take(n, a); }

void operator delete(void* p) noexcept { give(p); }
void operator delete[](void* p) noexcept { give(p); }
void operator delete(void* p, std::size_t) noexcept { give(p); }
void operator delete[](void* p, std::size_t) noexcept { give(p); }
void operator delete(void* p, std::align_val_t) noexcept { give(p); }
void operator delete[](void* p, std::align_val_t) noexcept { give(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { give(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { give(p); }
void operator delete(void* p, nothrow) noexcept { give(p); }
void operator delete[](void* p, nothrow) noexcept { give(p); }
void operator delete(void* p, std::align_val_t, nothrow) noexcept { give(p); }
void operator delete[](void* p, std::align_val_t, nothrow) noexcept { give(p); }
// clang-format on
