// jemalloc_family.cpp - jemalloc's own calls for single blocks, where a program
// uses them: a block of ours may reach them, and their sizes must agree with ours.
//
// mallctl is not replaced: it speaks of jemalloc's arenas, and a program that
// looks for jemalloc asks it.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "api/core.hpp"
#include "shim/attribution/placement.hpp"
#include "shim/beneath/base_allocator.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/handler_safe/inside_core.hpp"

using namespace connarena::shim;
namespace core = connarena::core;

namespace {

// The flags as jemalloc/jemalloc.h has them.
constexpr int alignment_mask = 0x3f;
constexpr int zero_flag = 0x40;
constexpr int cache_mask = 0xfff00;
constexpr int arena_shift = 20;

std::size_t alignment_of(int flags) noexcept {
  return std::max(std::size_t{1} << (flags & alignment_mask), std::size_t{16});
}

/// A block in an arena of jemalloc's that the caller names is jemalloc's.
bool is_jemallocs(std::size_t size, int flags) noexcept {
  return base.mallocx != nullptr && ((flags >> arena_shift) != 0 || !may_be_the_cores(size));
}

/// In a hardened process whatever jemalloc adds to a block reads as zero.
int hardened(int flags) noexcept { return core::is_hardened() ? flags | zero_flag : flags; }

void* allocate(std::size_t size, int flags) noexcept {
  void* const block = place_aligned(alignment_of(flags), size);
  if (block != nullptr && (flags & zero_flag) != 0) std::memset(block, 0, size);
  return block;
}

/// A block of jemalloc's goes where the flags say: one that stayed in a thread's cache
/// would outlive its arena.
void release(void* block, int flags) noexcept {
  if (core::owns(block)) {
    deallocate_in_core(block);
  } else if (base.dallocx != nullptr) {
    base.dallocx(block, flags);
  } else {
    base.free(block);
  }
}

void* move(void* block, std::size_t size, int flags) noexcept {
  void* const moved =
      is_jemallocs(size, flags) ? base.mallocx(size, hardened(flags)) : allocate(size, flags);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(usable_size(block), size));
  release(block, flags);
  return moved;
}

std::size_t usable_size_of_base_block(std::size_t size) noexcept {
  void* const probe = base.malloc(size);
  if (probe == nullptr) return 0;
  const std::size_t usable = base.malloc_usable_size(probe);
  base.free(probe);
  return usable;
}

/// Usable bytes of a block that the base allocator makes; fewer, if it may become the
/// served connection's instead and has fewer there.
std::size_t usable_size_from_base(std::size_t size, int flags) noexcept {
  const std::size_t of_base =
      base.nallocx != nullptr ? base.nallocx(size, flags) : usable_size_of_base_block(size);
  if (is_jemallocs(size, flags) || !may_be_the_cores(size)) return of_base;
  return std::min(of_base, core::least_usable_size(size));
}

}  // namespace

CONNARENA_REPLACES void* mallocx(std::size_t size, int flags) noexcept {
  return is_jemallocs(size, flags) ? base.mallocx(size, hardened(flags)) : allocate(size, flags);
}

CONNARENA_REPLACES void* rallocx(void* block, std::size_t size, int flags) noexcept {
  if (!core::owns(block) && base.rallocx != nullptr && is_jemallocs(size, flags)) {
    return base.rallocx(block, size, hardened(flags));
  }
  const int that_matter = core::owns(block) ? flags & ~cache_mask : flags;
  return that_matter == 0 ? replace(block, size) : move(block, size, flags);
}

CONNARENA_REPLACES std::size_t xallocx(void* block, std::size_t size, std::size_t extra,
                                       int flags) noexcept {
  if (core::owns(block) || base.xallocx == nullptr) return usable_size(block);
  return base.xallocx(block, size, extra, hardened(flags));
}

CONNARENA_REPLACES std::size_t sallocx(const void* block, int) noexcept {
  return usable_size(block);
}

CONNARENA_REPLACES void dallocx(void* block, int flags) noexcept { release(block, flags); }
CONNARENA_REPLACES void sdallocx(void* block, std::size_t, int flags) noexcept {
  release(block, flags);
}

CONNARENA_REPLACES std::size_t nallocx(std::size_t size, int flags) noexcept {
  if (is_jemallocs(size, flags) || !is_for_core(size)) return usable_size_from_base(size, flags);
  return core::least_usable_size(size);
}
