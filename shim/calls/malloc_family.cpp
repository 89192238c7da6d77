// malloc_family.cpp - malloc and kin.
//
// An unowned small block costs one comparison more than the base allocator's.
#include <algorithm>
#include <bit>
#include <cerrno>
#include <climits>
#include <malloc.h>
#include <unistd.h>

#include "api/core.hpp"
#include "shim/attribution/ambient.hpp"
#include "shim/attribution/placement.hpp"
#include "shim/beneath/base_allocator.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/loader.hpp"
#include "shim/beneath/own_malloc.hpp"
#include "shim/handler_safe/inside_core.hpp"

using namespace connarena::shim;
namespace core = connarena::core;

namespace {

[[gnu::noinline]] void free_in_range(void* block) noexcept {
  core::owns(block) ? deallocate_in_core(block) : base.free(block);
}

/// Of the system: the core's own is smaller on some.
std::size_t system_page_bytes() noexcept { return static_cast<std::size_t>(getpagesize()); }

void* out_of_memory() noexcept {
  errno = ENOMEM;
  return nullptr;
}

/// memalign takes any alignment and rounds it up, as the C library does.
void* allocate_aligned(std::size_t alignment, std::size_t size) noexcept {
  constexpr std::size_t largest = std::size_t{1} << 63;
  if (alignment > largest) {
    errno = EINVAL;
    return nullptr;
  }
  return place_aligned(std::bit_ceil(std::max(alignment, std::size_t{16})), size);
}

/// Adds the core's figures to the base allocator's.
struct mallinfo2 combined_info() noexcept {
  struct mallinfo2 info {};
  if (base.mallinfo2 != nullptr) info = base.mallinfo2();
  connarena_process_stats ours{};
  const inside_core inside;
  core::process_counters(&ours);
  const std::size_t free_bytes = ours.retained_bytes + ours.slack_bytes;
  info.arena += ours.live_bytes + free_bytes;
  info.uordblks += ours.live_bytes;
  info.fordblks += free_bytes;
  info.keepcost += ours.retained_bytes;
  return info;
}

/// The next library's, looked up by now.
const base_allocator& next_of_family() noexcept {
  find_base();
  return base;
}

int narrowed(std::size_t value) noexcept {
  return static_cast<int>(std::min(value, static_cast<std::size_t>(INT_MAX)));
}

}  // namespace

CONNARENA_REPLACES void* malloc(std::size_t size) noexcept {
  if (size < this_thread_state.direct_below) [[likely]]
    return base.malloc(size);
  if (is_in_loader(__builtin_return_address(0))) [[unlikely]]
    return base.malloc(size);
  return place(size);
}

CONNARENA_REPLACES void free(void* block) noexcept {
  if (core::may_own(block)) [[unlikely]]
    return free_in_range(block);
  base.free(block);
}

CONNARENA_REPLACES void* calloc(std::size_t count, std::size_t size) noexcept {
  return place_zeroed(count, size, __builtin_return_address(0));
}

CONNARENA_REPLACES void* realloc(void* block, std::size_t size) noexcept {
  return replace(block, size);
}

// From here on each steps aside where the program has a malloc of its own.

CONNARENA_REPLACES void* reallocarray(void* block, std::size_t count, std::size_t size) noexcept {
  if (!is_malloc_ours()) return next_of_family().reallocarray(block, count, size);
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return out_of_memory();
  return replace(block, bytes);
}

CONNARENA_REPLACES void* memalign(std::size_t alignment, std::size_t size) noexcept {
  if (!is_malloc_ours()) return next_of_family().memalign(alignment, size);
  return allocate_aligned(alignment, size);
}

CONNARENA_REPLACES void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  if (!is_malloc_ours()) return next_of_family().aligned_alloc(alignment, size);
  return allocate_aligned(alignment, size);
}

CONNARENA_REPLACES int posix_memalign(void** block, std::size_t alignment,
                                      std::size_t size) noexcept {
  if (!is_malloc_ours()) return next_of_family().posix_memalign(block, alignment, size);
  if (alignment % sizeof(void*) != 0 || !std::has_single_bit(alignment)) return EINVAL;
  // Where it fails the C library leaves ENOMEM in errno, too.
  void* const made = place_aligned(alignment, size);
  if (made == nullptr) return ENOMEM;
  *block = made;
  return 0;
}

CONNARENA_REPLACES void* valloc(std::size_t size) noexcept {
  if (!is_malloc_ours()) return next_of_family().valloc(size);
  return place_aligned(system_page_bytes(), size);
}

CONNARENA_REPLACES void* pvalloc(std::size_t size) noexcept {
  if (!is_malloc_ours()) return next_of_family().pvalloc(size);
  const std::size_t page_bytes = system_page_bytes();
  if (size > SIZE_MAX - page_bytes) return out_of_memory();
  return place_aligned(page_bytes, connarena::round_up(std::max<std::size_t>(size, 1), page_bytes));
}

CONNARENA_REPLACES std::size_t malloc_usable_size(void* block) noexcept {
  return usable_size(block);
}

CONNARENA_REPLACES int malloc_trim(std::size_t pad) noexcept {
  const inside_core inside;
  const bool base_returned = base.malloc_trim != nullptr && base.malloc_trim(pad) != 0;
  return core::trim() || base_returned ? 1 : 0;
}

CONNARENA_REPLACES struct mallinfo2 mallinfo2() noexcept { return combined_info(); }

CONNARENA_REPLACES struct mallinfo mallinfo() noexcept {
  const struct mallinfo2 wide = combined_info();
  return {narrowed(wide.arena),   narrowed(wide.ordblks),  narrowed(wide.smblks),
          narrowed(wide.hblks),   narrowed(wide.hblkhd),   narrowed(wide.usmblks),
          narrowed(wide.fsmblks), narrowed(wide.uordblks), narrowed(wide.fordblks),
          narrowed(wide.keepcost)};
}

// By other names: a program older than the C library calls the first, one that wraps
// malloc in a function of its own the others, and each may be given a block of ours.

CONNARENA_ALSO(cfree, free);
CONNARENA_ALSO(__libc_malloc, malloc);
CONNARENA_ALSO(__libc_calloc, calloc);
CONNARENA_ALSO(__libc_realloc, realloc);
CONNARENA_ALSO(__libc_free, free);
CONNARENA_ALSO(__libc_memalign, memalign);
CONNARENA_ALSO(__libc_valloc, valloc);
CONNARENA_ALSO(__libc_pvalloc, pvalloc);
