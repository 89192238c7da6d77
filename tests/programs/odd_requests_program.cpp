// odd_requests_program - prints what becomes of requests at the edges of what malloc and
// kin take: null or not, errno, and whether it is aligned.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <malloc.h>

namespace {

constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
constexpr std::size_t bit(unsigned number) { return std::size_t{1} << number; }

constexpr std::size_t alignments[] = {
    0,           1,       2,           3,           7,           8,       12,          16,
    24,          32,      64,          100,         4096,        5000,    bit(16),     bit(20),
    3 * bit(20), bit(40), bit(47),     bit(61),     bit(62) - 1, bit(62), bit(62) + 1, 3 * bit(61),
    bit(63) - 1, bit(63), bit(63) + 1, most - 4095, most};
constexpr std::size_t sizes[] = {0,         1,           100,     4095,        4096,
                                 5000,      100000,      bit(47), bit(63) - 1, bit(63),
                                 most - 64, most - 4096, most};

/// Only of what a program may use is said that it is aligned.
void say(const char* call, std::size_t alignment, std::size_t size, void* block) {
  const int error = errno;
  std::size_t expected = 1;
  while (expected < alignment && expected < bit(40)) expected <<= 1;
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(block) % expected == 0;
  std::printf("%s(%#zx, %#zx): %s, errno %d%s\n", call, alignment, size,
              block != nullptr ? "a block" : "none", error, is_aligned ? "" : ", not aligned");
  std::free(block);
  errno = 0;
}

void try_aligned(std::size_t alignment, std::size_t size) {
  say("memalign", alignment, size, memalign(alignment, size));
  say("aligned_alloc", alignment, size, aligned_alloc(alignment, size));
  void* block = nullptr;
  const int result = posix_memalign(&block, alignment, size);
  std::printf("%d ", result);
  say("posix_memalign", alignment, size, block);
}

void try_plain(std::size_t size) {
  say("malloc", 16, size, std::malloc(size));
  say("calloc", 16, size, std::calloc(size, 1));
  say("calloc of three", 16, size, std::calloc(3, size));
  say("reallocarray", 16, size, reallocarray(nullptr, 2, size));
  say("valloc", 4096, size, valloc(size));
  say("pvalloc", 4096, size, pvalloc(size));
}

}  // namespace

int main() {
  for (const std::size_t alignment : alignments) {
    for (const std::size_t size : sizes) try_aligned(alignment, size);
  }
  for (const std::size_t size : sizes) try_plain(size);
}
