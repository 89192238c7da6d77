// memory_cases.cpp - the malloc family: a block is the served connection's, and each
// call that is given one knows it.
#include <malloc.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

// No header declares these: the C library exports them for programs that bring a
// malloc of their own, and the last for programs older than itself.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void __libc_free(void*);
void* __libc_memalign(std::size_t, std::size_t);
void* __libc_valloc(std::size_t);
void* __libc_pvalloc(std::size_t);
void cfree_of_old(void*);
}
__asm__(".symver cfree_of_old, cfree@GLIBC_2.2.5");

namespace wrappers {
namespace {

/// A connection that the thread serves.
class served_connection {
 public:
  served_connection() { is_ready_ = link_.is_made() && link_.send_from(link_.near()); }
  [[nodiscard]] bool is_ready() const { return is_ready_; }
  [[nodiscard]] connarena_t arena() const { return connarena_of_fd(link_.near()); }
  [[nodiscard]] bool owns(const void* block) const {
    return block != nullptr && belongs_to(block, link_.near());
  }

 private:
  connection link_;
  bool is_ready_;
};

bool is_aligned(const void* block, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(block) % alignment == 0;
}

template <typename Allocate>
bool allocates(Allocate allocate, std::size_t alignment = 16) {
  const served_connection link;
  void* const block = allocate();
  if (!link.is_ready() || !link.owns(block) || !is_aligned(block, alignment)) return false;
  if (malloc_usable_size(block) < run_bytes) return false;
  std::memset(block, 'x', run_bytes);
  const std::size_t live_before = live_bytes(link.arena());
  free(block);
  return live_bytes(link.arena()) + run_bytes <= live_before;
}

/// Times four it is too much; a compiler must not see that.
volatile std::size_t too_many = SIZE_MAX / 2;

template <typename Call>
bool refuses_what_overflows(Call call) {
  errno = 0;
  return call() == nullptr && errno == ENOMEM;
}

template <typename Free>
bool frees(Free release) {
  const served_connection link;
  void* const block = malloc(run_bytes);
  if (!link.is_ready() || !link.owns(block)) return false;
  const std::size_t live_before = live_bytes(link.arena());
  errno = 0;
  release(nullptr);
  release(block);
  return errno == 0 && live_bytes(link.arena()) + run_bytes <= live_before;
}

template <typename Callocate>
bool zeroes(Callocate callocate) {
  const served_connection link;
  void* const dirty = malloc(run_bytes);
  if (!link.owns(dirty)) return false;
  std::memset(dirty, 'x', run_bytes);
  free(dirty);
  auto* const block = static_cast<char*>(callocate(2, run_bytes / 2));
  if (!link.owns(block)) return false;
  for (std::size_t i = 0; i < run_bytes; ++i) {
    if (block[i] != 0) return false;
  }
  free(block);
  return refuses_what_overflows([=] { return callocate(too_many, 4); });
}

template <typename Resize>
bool resizes(Resize resize) {
  const served_connection link;
  void* const made = resize(nullptr, run_bytes);
  if (!link.owns(made)) return false;
  std::memset(made, 'x', run_bytes);
  auto* const grown = static_cast<char*>(resize(made, 40 * run_bytes));
  if (!link.owns(grown) || grown[0] != 'x' || grown[run_bytes - 1] != 'x') return false;
  return resize(grown, 0) == nullptr && live_bytes(link.arena()) == 0;
}

template <typename Allocate>
bool aligns(Allocate allocate) {
  return allocates([=] { return allocate(64, run_bytes); }, 64) &&
         allocates([=] { return allocate(65536, run_bytes); }, 65536);
}

bool posix_memalign_holds() {
  const auto allocate = [](std::size_t alignment, std::size_t size) {
    void* block = nullptr;
    return posix_memalign(&block, alignment, size) == 0 ? block : nullptr;
  };
  void* untouched = &untouched;
  return aligns(allocate) && posix_memalign(&untouched, 3, 1) == EINVAL &&
         posix_memalign(&untouched, 4, 1) == EINVAL && untouched == &untouched;
}

template <typename Pvalloc>
bool rounds_up_to_pages(Pvalloc pages) {
  constexpr std::size_t page_bytes = 4096;
  if (!allocates([=] { return pages(run_bytes - 1); }, page_bytes)) return false;
  return refuses_what_overflows([=] { return pages(2 * too_many + 1); });
}

bool malloc_usable_size_holds() {
  const served_connection link;
  void* const block = malloc(run_bytes + 1);
  const std::size_t usable = malloc_usable_size(block);
  const bool holds = link.owns(block) && usable > run_bytes &&
                     usable == connarena_usable_size(block) && malloc_usable_size(nullptr) == 0;
  free(block);
  return holds;
}

bool malloc_trim_holds() {
  constexpr std::size_t size = 1 << 17;  // stays idle when it is freed: the floor has room
  void* const block = malloc(size);
  std::memset(block, 'x', size);
  free(block);
  const std::size_t before = process_stats().retained_bytes;
  return malloc_trim(0) == 1 && process_stats().retained_bytes + size <= before;
}

/// What is in use, as mallinfo2 or mallinfo says, grows by a block and shrinks again.
template <typename InUse>
bool counts_the_cores_blocks(InUse in_use) {
  constexpr std::size_t size = 1 << 20;
  const auto before = static_cast<std::size_t>(in_use());
  void* const block = malloc(size);
  const auto between = static_cast<std::size_t>(in_use());
  free(block);
  return between >= before + size && static_cast<std::size_t>(in_use()) < between;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
bool mallinfo_holds() {
  return counts_the_cores_blocks([] { return mallinfo().uordblks; });
}
#pragma GCC diagnostic pop

constexpr wrapper_case cases[] = {
    {"malloc", [] { return allocates([] { return malloc(run_bytes); }); }},
    {"free", [] { return frees(free); }},
    {"calloc", [] { return zeroes(calloc); }},
    {"realloc", [] { return resizes(realloc); }},
    {"reallocarray",
     [] {
       return resizes(
                  [](void* block, std::size_t size) { return reallocarray(block, 2, size / 2); }) &&
              refuses_what_overflows([] { return reallocarray(nullptr, too_many, 4); });
     }},
    {"memalign", [] { return aligns(memalign); }},
    {"aligned_alloc", [] { return aligns(aligned_alloc); }},
    {"posix_memalign", posix_memalign_holds},
    {"valloc", [] { return allocates([] { return valloc(run_bytes); }, 4096); }},
    {"pvalloc", [] { return rounds_up_to_pages(pvalloc); }},
    {"malloc_usable_size", malloc_usable_size_holds},
    {"malloc_trim", malloc_trim_holds},
    {"mallinfo", mallinfo_holds},
    {"mallinfo2", [] { return counts_the_cores_blocks([] { return mallinfo2().uordblks; }); }},
    {"cfree", [] { return frees(cfree_of_old); }},
    {"__libc_malloc", [] { return allocates([] { return __libc_malloc(run_bytes); }); }},
    {"__libc_free", [] { return frees(__libc_free); }},
    {"__libc_calloc", [] { return zeroes(__libc_calloc); }},
    {"__libc_realloc", [] { return resizes(__libc_realloc); }},
    {"__libc_memalign", [] { return aligns(__libc_memalign); }},
    {"__libc_valloc", [] { return allocates([] { return __libc_valloc(run_bytes); }, 4096); }},
    {"__libc_pvalloc", [] { return rounds_up_to_pages(__libc_pvalloc); }},
};

}  // namespace

case_list memory_cases() { return cases; }

}  // namespace wrappers
