// large_pages.cpp - preloaded into a test: a system with pages of CONNARENA_TEST_PAGE_KIB KiB on
// a machine whose pages are smaller.
//
// What a kernel with such pages refuses is refused here, what it rounds up is rounded up,
// and where it puts a mapping by itself it starts on such a page. Dropping memory that the
// caller did not name, as the rounding does, ends the process: no caller wants that. What the
// C library maps for itself keeps the machine's own pages.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

constexpr std::size_t page_bytes = std::size_t{CONNARENA_TEST_PAGE_KIB} << 10;
constexpr int drop_locked = 24;     // MADV_DONTNEED_LOCKED
constexpr int install_guard = 102;  // MADV_GUARD_INSTALL

/// Not by the C library: its functions of these names are replaced here, and syscall is by
/// the preload library.
long call(long number, long a, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  long result = 0;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

long outcome(long result) {
  if (result >= 0 || result < -4095) return result;
  errno = static_cast<int>(-result);
  return -1;
}
void* refused() {
  errno = EINVAL;
  return MAP_FAILED;
}

std::size_t round_up(std::size_t bytes) {
  return (bytes + page_bytes - 1) / page_bytes * page_bytes;
}
bool starts_page(const void* address) {
  return reinterpret_cast<std::uintptr_t>(address) % page_bytes == 0;
}

[[noreturn]] void die(const char* line) {
  call(SYS_write, 2, reinterpret_cast<long>(line), static_cast<long>(__builtin_strlen(line)));
  abort();
}

/// Addresses that nobody has, from where such a page starts.
long free_addresses(std::size_t bytes) {
  const std::size_t all = bytes + page_bytes;
  const long made = call(SYS_mmap, 0, static_cast<long>(all), PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  if (made < 0 && made >= -4095) return made;
  call(SYS_munmap, made, static_cast<long>(all));
  return static_cast<long>(round_up(static_cast<std::size_t>(made)));
}

}  // namespace

extern "C" {

int getpagesize() noexcept { return static_cast<int>(page_bytes); }

void* mmap(void* wanted, std::size_t bytes, int access, int flags, int file, off_t from) noexcept {
  const bool is_fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
  if (is_fixed && !starts_page(wanted)) return refused();
  if (static_cast<std::size_t>(from) % page_bytes != 0) return refused();
  for (;;) {
    long at = reinterpret_cast<long>(wanted);
    int chosen = flags;
    if (!is_fixed) {
      at = free_addresses(round_up(bytes));
      if (at < 0 && at >= -4095) return reinterpret_cast<void*>(outcome(at));
      chosen |= MAP_FIXED_NOREPLACE;
    }
    const long made =
        call(SYS_mmap, at, static_cast<long>(round_up(bytes)), access, chosen, file, from);
    // Another thread was faster.
    if (!is_fixed && made == -EEXIST) continue;
    return reinterpret_cast<void*>(outcome(made));
  }
}
void* mmap64(void* wanted, std::size_t bytes, int access, int flags, int file, off_t from) noexcept
    __attribute__((alias("mmap")));

int munmap(void* address, std::size_t bytes) noexcept {
  if (!starts_page(address)) return static_cast<int>(outcome(-EINVAL));
  return static_cast<int>(outcome(
      call(SYS_munmap, reinterpret_cast<long>(address), static_cast<long>(round_up(bytes)))));
}

int mprotect(void* address, std::size_t bytes, int access) noexcept {
  if (!starts_page(address)) return static_cast<int>(outcome(-EINVAL));
  return static_cast<int>(outcome(call(SYS_mprotect, reinterpret_cast<long>(address),
                                       static_cast<long>(round_up(bytes)), access)));
}

int madvise(void* address, std::size_t bytes, int advice) noexcept {
  if (!starts_page(address)) return static_cast<int>(outcome(-EINVAL));
  const bool drops = advice == MADV_DONTNEED || advice == MADV_FREE || advice == drop_locked ||
                     advice == install_guard;
  if (drops && bytes % page_bytes != 0) {
    die("large_pages: a part of a page was to be dropped: all of it would be\n");
  }
  return static_cast<int>(outcome(call(SYS_madvise, reinterpret_cast<long>(address),
                                       static_cast<long>(round_up(bytes)), advice)));
}

void* shmat(int number, const void* wanted, int flags) noexcept {
  shmid_ds about{};
  if (wanted != nullptr || shmctl(number, IPC_STAT, &about) != 0) return refused();
  const long at = free_addresses(round_up(about.shm_segsz));
  return reinterpret_cast<void*>(outcome(call(SYS_shmat, number, at, flags)));
}

}  // extern "C"
