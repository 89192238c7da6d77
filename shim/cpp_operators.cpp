// cpp_operators.cpp - C++ operator new and delete, without the C++ library.
//
// Where memory is short, the next library's operator runs the new-handler and
// throws: it calls malloc again, which is ours. Such a library exists wherever
// somebody calls new.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <dlfcn.h>
#include <new>

#include "api/core.hpp"
#include "shim/ambient.hpp"
#include "shim/base_allocator.hpp"
#include "shim/placement.hpp"

#define CONNARENA_OPERATOR __attribute__((visibility("default")))

namespace {

using namespace connarena::shim;

void* allocate(std::size_t size) noexcept {
  if (size < this_thread_state.direct_below) [[likely]]
    return base.malloc(size);
  return place(size);
}

void* allocate(std::size_t size, std::align_val_t alignment) noexcept {
  return place_aligned(std::max(static_cast<std::size_t>(alignment), std::size_t{16}), size);
}

void release(void* block) noexcept {
  if (connarena::core::owns(block)) {
    connarena::core::deallocate(block);
  } else {
    base.free(block);
  }
}

/// The next library's operator of a mangled name, with the parameters it takes.
template <typename... Parameters>
[[gnu::noinline]] void* ask_next(const char* name, Parameters... parameters) {
  void* volatile const found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();
  return reinterpret_cast<void* (*)(Parameters...)>(found)(parameters...);
}

using nothrow = const std::nothrow_t&;

template <typename... Alignment>
void* allocate_or_ask(const char* name, std::size_t size, Alignment... alignment) {
  void* const block = allocate(size, alignment...);
  if (block != nullptr) [[likely]]
    return block;
  return ask_next<std::size_t, Alignment...>(name, size, alignment...);
}

template <typename... Alignment>
void* try_or_ask(const char* name, nothrow tag, std::size_t size, Alignment... alignment) noexcept {
  void* const block = allocate(size, alignment...);
  if (block != nullptr) [[likely]]
    return block;
  return ask_next<std::size_t, Alignment..., nothrow>(name, size, alignment..., tag);
}

}  // namespace

// clang-format off
CONNARENA_OPERATOR void* operator new(std::size_t n) { return allocate_or_ask("_Znwm", n); }
CONNARENA_OPERATOR void* operator new[](std::size_t n) { return allocate_or_ask("_Znam", n); }
CONNARENA_OPERATOR void* operator new(std::size_t n, std::align_val_t a) { return allocate_or_ask("_ZnwmSt11align_val_t", n, a); }
CONNARENA_OPERATOR void* operator new[](std::size_t n, std::align_val_t a) { return allocate_or_ask("_ZnamSt11align_val_t", n, a); }
CONNARENA_OPERATOR void* operator new(std::size_t n, nothrow t) noexcept { return try_or_ask("_ZnwmRKSt9nothrow_t", t, n); }
CONNARENA_OPERATOR void* operator new[](std::size_t n, nothrow t) noexcept { return try_or_ask("_ZnamRKSt9nothrow_t", t, n); }
CONNARENA_OPERATOR void* operator new(std::size_t n, std::align_val_t a, nothrow t) noexcept { return try_or_ask("_ZnwmSt11align_val_tRKSt9nothrow_t", t, n, a); }
CONNARENA_OPERATOR void* operator new[](std::size_t n, std::align_val_t a, nothrow t) noexcept { return try_or_ask("_ZnamSt11align_val_tRKSt9nothrow_t", t, n, a); }

CONNARENA_OPERATOR void operator delete(void* p) noexcept { release(p); }
CONNARENA_OPERATOR void operator delete[](void* p) noexcept { release(p); }
CONNARENA_OPERATOR void operator delete(void* p, std::size_t) noexcept { release(p); }
CONNARENA_OPERATOR void operator delete[](void* p, std::size_t) noexcept { release(p); }
CONNARENA_OPERATOR void operator delete(void* p, std::align_val_t) noexcept { release(p); }
CONNARENA_OPERATOR void operator delete[](void* p, std::align_val_t) noexcept { release(p); }
CONNARENA_OPERATOR void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }
CONNARENA_OPERATOR void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { release(p); }
CONNARENA_OPERATOR void operator delete(void* p, nothrow) noexcept { release(p); }
CONNARENA_OPERATOR void operator delete[](void* p, nothrow) noexcept { release(p); }
CONNARENA_OPERATOR void operator delete(void* p, std::align_val_t, nothrow) noexcept { release(p); }
CONNARENA_OPERATOR void operator delete[](void* p, std::align_val_t, nothrow) noexcept { release(p); }
// clang-format on
