// cpp_operators.cpp - C++ operator new and delete, without the C++ library.
//
// Where memory is short, the next library's operator runs the new-handler and
// throws: it calls malloc again, which is ours. Such a library exists wherever
// somebody calls new. Where the program has operators of its own, the next library
// is asked for every block: see next_operators.hpp.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "api/core.hpp"
#include "shim/attribution/ambient.hpp"
#include "shim/attribution/placement.hpp"
#include "shim/beneath/base_allocator.hpp"
#include "shim/beneath/next_operators.hpp"
#include "shim/handler_safe/inside_core.hpp"

#define CONNARENA_OPERATOR __attribute__((visibility("default")))

namespace {

using namespace connarena::shim;

using nothrow = const std::nothrow_t&;

bool stand_aside() noexcept { return decide_operators() == operators::stand_aside; }

/// Null where the next library's operator is to be asked.
void* allocate(std::size_t size) noexcept {
  thread_state& self = this_thread_state;
  if (size < self.new_direct_below) [[likely]]
    return base.malloc(size);
  if (stand_aside()) return nullptr;
  if (self.new_direct_below == 0) choose_direct_sizes();
  return place(size);
}

void* allocate(std::size_t size, std::align_val_t alignment) noexcept {
  if (stand_aside()) return nullptr;
  return place_aligned(std::max(static_cast<std::size_t>(alignment), std::size_t{16}), size);
}

[[gnu::noinline]] void release_in_range(void* block) noexcept {
  connarena::core::owns(block) ? deallocate_in_core(block) : base.free(block);
}

void release(void* block) noexcept {
  if (connarena::core::may_own(block)) [[unlikely]]
    return release_in_range(block);
  base.free(block);
}

/// Calls the next library's operator of a mangled name, which takes these parameters.
/// Null if there is no such library.
template <operator_name Name, typename... Parameters>
[[gnu::noinline]] void* ask_next(Parameters... parameters) {
  void* const found = next_operator<Name>();
  if (found == nullptr) return nullptr;
  return reinterpret_cast<void* (*)(Parameters...)>(found)(parameters...);
}

template <operator_name Name, typename... Alignment>
void* allocate_or_ask(std::size_t size, Alignment... alignment) {
  void* const block = allocate(size, alignment...);
  if (block != nullptr) [[likely]]
    return block;
  void* const theirs = ask_next<Name, std::size_t, Alignment...>(size, alignment...);
  if (theirs == nullptr) std::abort();  // nobody is there to throw
  return theirs;
}

template <operator_name Name, typename... Alignment>
void* try_or_ask(nothrow tag, std::size_t size, Alignment... alignment) noexcept {
  void* const block = allocate(size, alignment...);
  if (block != nullptr) [[likely]]
    return block;
  return ask_next<Name, std::size_t, Alignment..., nothrow>(size, alignment..., tag);
}

template <operator_name Name, typename... Rest>
[[gnu::noinline]] void let_next_release(void* block, Rest... rest) noexcept {
  void* const found = stand_aside() ? next_operator<Name>() : nullptr;
  if (found == nullptr) return release(block);
  reinterpret_cast<void (*)(void*, Rest...)>(found)(block, rest...);
}

template <operator_name Name, typename... Rest>
void release_or_ask(void* block, Rest... rest) noexcept {
  if (!are_operators_ours()) [[unlikely]]
    return let_next_release<Name, Rest...>(block, rest...);
  release(block);
}

}  // namespace

// clang-format off
CONNARENA_OPERATOR void* operator new(std::size_t n) { return allocate_or_ask<"_Znwm">(n); }
CONNARENA_OPERATOR void* operator new[](std::size_t n) { return allocate_or_ask<"_Znam">(n); }
CONNARENA_OPERATOR void* operator new(std::size_t n, std::align_val_t a) { return allocate_or_ask<"_ZnwmSt11align_val_t">(n, a); }
CONNARENA_OPERATOR void* operator new[](std::size_t n, std::align_val_t a) { return allocate_or_ask<"_ZnamSt11align_val_t">(n, a); }
CONNARENA_OPERATOR void* operator new(std::size_t n, nothrow t) noexcept { return try_or_ask<"_ZnwmRKSt9nothrow_t">(t, n); }
CONNARENA_OPERATOR void* operator new[](std::size_t n, nothrow t) noexcept { return try_or_ask<"_ZnamRKSt9nothrow_t">(t, n); }
CONNARENA_OPERATOR void* operator new(std::size_t n, std::align_val_t a, nothrow t) noexcept { return try_or_ask<"_ZnwmSt11align_val_tRKSt9nothrow_t">(t, n, a); }
CONNARENA_OPERATOR void* operator new[](std::size_t n, std::align_val_t a, nothrow t) noexcept { return try_or_ask<"_ZnamSt11align_val_tRKSt9nothrow_t">(t, n, a); }

CONNARENA_OPERATOR void operator delete(void* p) noexcept { release_or_ask<"_ZdlPv">(p); }
CONNARENA_OPERATOR void operator delete[](void* p) noexcept { release_or_ask<"_ZdaPv">(p); }
CONNARENA_OPERATOR void operator delete(void* p, std::size_t n) noexcept { release_or_ask<"_ZdlPvm">(p, n); }
CONNARENA_OPERATOR void operator delete[](void* p, std::size_t n) noexcept { release_or_ask<"_ZdaPvm">(p, n); }
CONNARENA_OPERATOR void operator delete(void* p, std::align_val_t a) noexcept { release_or_ask<"_ZdlPvSt11align_val_t">(p, a); }
CONNARENA_OPERATOR void operator delete[](void* p, std::align_val_t a) noexcept { release_or_ask<"_ZdaPvSt11align_val_t">(p, a); }
CONNARENA_OPERATOR void operator delete(void* p, std::size_t n, std::align_val_t a) noexcept { release_or_ask<"_ZdlPvmSt11align_val_t">(p, n, a); }
CONNARENA_OPERATOR void operator delete[](void* p, std::size_t n, std::align_val_t a) noexcept { release_or_ask<"_ZdaPvmSt11align_val_t">(p, n, a); }
CONNARENA_OPERATOR void operator delete(void* p, nothrow t) noexcept { release_or_ask<"_ZdlPvRKSt9nothrow_t", nothrow>(p, t); }
CONNARENA_OPERATOR void operator delete[](void* p, nothrow t) noexcept { release_or_ask<"_ZdaPvRKSt9nothrow_t", nothrow>(p, t); }
CONNARENA_OPERATOR void operator delete(void* p, std::align_val_t a, nothrow t) noexcept { release_or_ask<"_ZdlPvSt11align_val_tRKSt9nothrow_t", std::align_val_t, nothrow>(p, a, t); }
CONNARENA_OPERATOR void operator delete[](void* p, std::align_val_t a, nothrow t) noexcept { release_or_ask<"_ZdaPvSt11align_val_tRKSt9nothrow_t", std::align_val_t, nothrow>(p, a, t); }
// clang-format on
