// jemalloc_cases.cpp - jemalloc's calls for single blocks, which work with whatever
// base allocator there is.
#include <malloc.h>

#include <cstdint>
#include <cstring>

#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

// Weak: without the preload library, or a jemalloc, there are none.
extern "C" {
[[gnu::weak]] void* mallocx(std::size_t, int);
[[gnu::weak]] void* rallocx(void*, std::size_t, int);
[[gnu::weak]] std::size_t xallocx(void*, std::size_t, std::size_t, int);
[[gnu::weak]] std::size_t sallocx(const void*, int);
[[gnu::weak]] void dallocx(void*, int);
[[gnu::weak]] void sdallocx(void*, std::size_t, int);
[[gnu::weak]] std::size_t nallocx(std::size_t, int);
}

namespace wrappers {
namespace {

constexpr int aligned_to_64k = 16;  // as MALLOCX_LG_ALIGN(16)
constexpr int zero = 0x40;          // as MALLOCX_ZERO

bool is_zero(const char* block, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    if (block[i] != 0) return false;
  }
  return true;
}

bool mallocx_holds() {
  const connection link;
  if (!link.send_from(link.near())) return false;
  void* const dirty = malloc(run_bytes);
  std::memset(dirty, 'x', run_bytes);
  free(dirty);
  auto* const block = static_cast<char*>(mallocx(run_bytes, zero | aligned_to_64k));
  if (!belongs_to(block, link.near()) || !is_zero(block, 0, run_bytes)) return false;
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(block) % 65536 == 0;
  free(block);
  return is_aligned;
}

bool rallocx_holds() {
  const connection link;
  if (!link.send_from(link.near())) return false;
  void* const made = malloc(run_bytes);
  std::memset(made, 'x', malloc_usable_size(made));
  auto* const grown = static_cast<char*>(rallocx(made, 4 * run_bytes, zero));
  if (!belongs_to(grown, link.near()) || grown[0] != 'x' || grown[run_bytes - 1] != 'x') {
    return false;
  }
  const bool rest_is_zero = is_zero(grown, 2 * run_bytes, 4 * run_bytes);
  free(grown);
  return rest_is_zero;
}

/// Calls `look` with a block of the core's, which jemalloc does not know.
template <typename Look>
bool with_a_block_of_a_connection(Look look) {
  const connection link;
  if (!link.send_from(link.near())) return false;
  void* const block = malloc(run_bytes);
  return belongs_to(block, link.near()) && look(block);
}

bool xallocx_holds() {
  return with_a_block_of_a_connection(
      [](void* block) { return xallocx(block, run_bytes, 0, 0) == malloc_usable_size(block); });
}

bool sallocx_holds() {
  return with_a_block_of_a_connection(
      [](void* block) { return sallocx(block, 0) == malloc_usable_size(block); });
}

template <typename Free>
bool frees(Free release) {
  return with_a_block_of_a_connection([=](void* block) {
    const connarena_t arena = owner_of(block);
    const std::size_t live_before = live_bytes(arena);
    release(block);
    return live_bytes(arena) + run_bytes <= live_before;
  });
}

/// A program may use as many bytes as it says, of any such block. Some have more, by less
/// than a kibibyte.
bool nallocx_holds() {
  for (std::size_t size = 1; size < 300000; size += size / 7 + 1) {
    void* const block = malloc(size);
    const std::size_t usable = malloc_usable_size(block);
    free(block);
    const std::size_t told = nallocx(size, 0);
    if (told < size || told > usable || usable - told >= 1024) return false;
  }
  return true;
}

constexpr wrapper_case cases[] = {
    {"mallocx", [] { return mallocx != nullptr && mallocx_holds(); }},
    {"rallocx", [] { return rallocx != nullptr && rallocx_holds(); }},
    {"xallocx", [] { return xallocx != nullptr && xallocx_holds(); }},
    {"sallocx", [] { return sallocx != nullptr && sallocx_holds(); }},
    {"dallocx", [] { return dallocx != nullptr && frees([](void* block) { dallocx(block, 0); }); }},
    {"sdallocx",
     [] {
       return sdallocx != nullptr && frees([](void* block) { sdallocx(block, run_bytes, 0); });
     }},
    {"nallocx", [] { return nallocx != nullptr && nallocx_holds(); }},
};

}  // namespace

case_list jemalloc_cases() { return cases; }

}  // namespace wrappers
