#include "os/os.hpp"

#include <atomic>
#include <cerrno>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/allowance.hpp"
#include "base/beside.hpp"
#include "base/errno_kept.hpp"
#include "base/units.hpp"
#include "os/advice.hpp"
#include "os/processor.hpp"
#include "os/uncommon_calls.hpp"

namespace connarena::os {
namespace {

/// Not the C library's function of that kind, which the preload library replaces.
using processor::call_system;

allowance may_protect;
allowance may_advise;
allowance may_advise_guards;
allowance may_advise_locked;
allowance may_map;
std::atomic<std::uint64_t> all_purged_bytes{0};

/// `change` those that the process is not allowed.
void change_forbidden(allowed_calls allowed, void (allowance::*change)() noexcept) noexcept {
  if (!allowed.protect) (may_protect.*change)();
  if (!allowed.advise) (may_advise.*change)();
  if (!allowed.advise_guards) (may_advise_guards.*change)();
  if (!allowed.advise_locked) (may_advise_locked.*change)();
  if (!allowed.uncommon) (uncommon_calls.*change)();
  if (!allowed.map) (may_map.*change)();
}

bool protect(void* address, std::size_t bytes, int access) noexcept {
  return may_protect.holds() && ::mprotect(address, bytes, access) == 0;
}

bool advise(void* address, std::size_t bytes, int advice) noexcept {
  return may_advise.holds() && ::madvise(address, bytes, advice) == 0;
}

}  // namespace

void restrict_calls(allowed_calls allowed) noexcept {
  change_forbidden(allowed, &allowance::forbid);
}
void lift_restriction(allowed_calls allowed) noexcept {
  change_forbidden(allowed, &allowance::take_back);
}

std::size_t page_bytes() noexcept { return static_cast<std::size_t>(::getpagesize()); }

void* reserve(std::size_t bytes) noexcept {
  const errno_kept kept;
  // Without access it costs the system nothing; what is committed counts as any
  // other memory, and is refused where that would be.
  void* const address = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) return nullptr;
  // A debugger that writes a core file would write all of it.
  advise(address, bytes, MADV_DONTDUMP);
  return address;
}

bool reserve_at(void* address, std::size_t bytes) noexcept {
  const errno_kept kept;
  // Where its shadow lies it asks for address 0 instead, and ends the process over that.
  if (under_thread_sanitizer) return false;
  if (!may_map.holds()) return false;
  constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  void* const made = ::mmap(address, bytes, PROT_NONE, flags, -1, 0);
  if (made == MAP_FAILED) return false;
  // A system older than the flag takes the address for a wish.
  if (made != address) {
    ::munmap(made, bytes);
    return false;
  }
  advise(address, bytes, MADV_DONTDUMP);
  return true;
}

void unreserve(void* address, std::size_t bytes) noexcept {
  const errno_kept kept;
  ::munmap(address, bytes);
}

namespace {

/// Emulators take the advice and keep what the pages hold: there nothing is ever returned.
/// Pre: the page is writable, and nobody uses it yet.
void learn_whether_pages_go(volatile char* page) noexcept {
  static std::atomic<bool> is_known{false};
  if (is_known.exchange(true, std::memory_order_relaxed)) return;
  *page = 1;
  // Refused, as for a locked page, it says nothing.
  if (advise(const_cast<char*>(page), page_bytes(), MADV_DONTNEED) && *page != 0) {
    may_advise.forbid();
  }
  *page = 0;
}

}  // namespace

bool commit(void* address, std::size_t bytes) noexcept {
  const errno_kept kept;
  // Of a length the system rounds up itself.
  const std::size_t lead = reinterpret_cast<std::uintptr_t>(address) % page_bytes();
  char* const first = static_cast<char*>(address) - lead;
  if (!protect(first, lead + bytes, PROT_READ | PROT_WRITE)) return false;
  advise(first, lead + bytes, MADV_DODUMP);
  if (lead == 0) learn_whether_pages_go(first);
  return true;
}

bool make_readable(void* address, std::size_t bytes) noexcept {
  const errno_kept kept;
  return protect(address, bytes, PROT_READ);
}

namespace {

/// Returns what is not locked of pages of which some are, and zeroes what is. By halves:
/// the system refuses a range for the sake of one page.
void purge_around_locked(char* address, std::size_t bytes) noexcept {
  if (advise(address, bytes, MADV_DONTNEED)) return;
  if (bytes <= page_bytes()) {
    __builtin_memset(address, 0, bytes);
    return;
  }
  const std::size_t half = round_up(bytes / 2, page_bytes());
  purge_around_locked(address, half);
  purge_around_locked(address + half, bytes - half);
}

bool return_pages(void* address, std::size_t bytes) noexcept {
  if (!may_advise.holds()) return false;
  if (::madvise(address, bytes, MADV_DONTNEED) == 0) return true;
  if (errno != EINVAL) return false;
  if (may_advise_locked.holds() && advise(address, bytes, forget_locked)) {
    return true;
  }
  purge_around_locked(static_cast<char*>(address), bytes);
  return true;
}

}  // namespace

bool purge(void* address, std::size_t bytes) noexcept {
  const errno_kept kept;
  if (!return_pages(address, bytes)) return false;
  all_purged_bytes.fetch_add(bytes, std::memory_order_relaxed);
  return true;
}

void purge_each(const stretch* all, std::size_t count, bool* have_gone) noexcept {
  for (std::size_t done = 0; done < count;) {
    std::size_t together = may_advise.holds() ? purge_in_one_call(all + done, count - done) : 0;
    for (; together != 0; --together, ++done) {
      all_purged_bytes.fetch_add(all[done].bytes, std::memory_order_relaxed);
      have_gone[done] = true;
    }
    if (done == count) break;
    // Of those that are left the first one was refused.
    have_gone[done] = purge(all[done].address, all[done].bytes);
    ++done;
  }
}

std::uint64_t purged_bytes() noexcept { return all_purged_bytes.load(std::memory_order_relaxed); }

namespace {

enum class guard_kind : std::uint8_t { unknown, in_page_table, mapping };
std::atomic<guard_kind> system_guards{guard_kind::unknown};

/// Emulators take any advice and do nothing. The call would wait if the page held a 1.
bool is_guarded(const void* page) noexcept {
  return call_system(SYS_futex, page, FUTEX_WAIT_PRIVATE, 1) == -EFAULT;
}

/// Finds out on a page of its own which guards the system has.
guard_kind probe_guards() noexcept {
  void* const page =
      ::mmap(nullptr, page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return guard_kind::mapping;
  const bool has_light = ::madvise(page, page_bytes(), install_guard) == 0 && is_guarded(page);
  ::munmap(page, page_bytes());
  return has_light ? guard_kind::in_page_table : guard_kind::mapping;
}

bool advise_guards(void* address, std::size_t bytes, int advice) noexcept {
  return may_advise_guards.holds() && advise(address, bytes, advice);
}

}  // namespace

bool guards_split_mappings() noexcept {
  if (system_guards.load(std::memory_order_relaxed) == guard_kind::unknown) {
    const errno_kept kept;
    guard_kind unknown = guard_kind::unknown;
    system_guards.compare_exchange_strong(unknown, probe_guards(), std::memory_order_relaxed);
  }
  return system_guards.load(std::memory_order_relaxed) == guard_kind::mapping;
}

bool guard(void* address, std::size_t bytes) noexcept {
  const errno_kept kept;
  if (!guards_split_mappings()) return advise_guards(address, bytes, install_guard);
  if (!purge(address, bytes)) __builtin_memset(address, 0, bytes);
  return protect(address, bytes, PROT_NONE);
}

bool unguard(void* address, std::size_t bytes) noexcept {
  const errno_kept kept;
  if (!guards_split_mappings()) return advise_guards(address, bytes, remove_guard);
  return protect(address, bytes, PROT_READ | PROT_WRITE);
}

void forbid_huge_pages(void* address, std::size_t bytes) noexcept {
  const errno_kept kept;
  advise(address, bytes, MADV_NOHUGEPAGE);
}

std::size_t address_space_limit() noexcept {
  const errno_kept kept;
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return limit.rlim_cur;
}

bool limits_commits() noexcept {
  const errno_kept kept;
  rlimit limit{};
  return ::getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

std::uint32_t random_number() noexcept {
  const errno_kept kept;
  std::uint32_t number = 0;
  if (::getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number)) {
    number = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&number) >> 4);
  }
  return number | 1;
}

// Without a time limit.
void wait(const std::uint32_t* word, std::uint32_t expected) noexcept {
  call_system(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected);
}

void wake_one(std::uint32_t* word) noexcept { call_system(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1); }

void yield() noexcept {
  const errno_kept kept;
  ::sched_yield();
}

void wait_for(const std::uint32_t* word, std::uint32_t expected, std::int64_t ns) noexcept {
  constexpr std::int64_t ns_a_second = 1'000'000'000;
  const timespec limit{ns / ns_a_second, ns % ns_a_second};
  call_system(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, &limit);
}

// By the call that locks make: a program that forbids itself calls has let that one be.
void nap(std::uint32_t nanoseconds) noexcept {
  const std::uint32_t nobody_wakes = 0;
  wait_for(&nobody_wakes, 0, nanoseconds);
}

int this_thread_number() noexcept {
  return static_cast<int>(call_system(SYS_gettid, nullptr, 0, 0));
}

bool is_running(int thread_number) noexcept {
  const auto process = reinterpret_cast<const void*>(call_system(SYS_getpid, nullptr, 0, 0));
  return call_system(SYS_tgkill, process, thread_number, 0) == 0;
}

namespace {
bool fence_system(std::uintptr_t command) noexcept {
  return call_system(SYS_membarrier, reinterpret_cast<const void*>(command), 0, 0) == 0;
}
}  // namespace

bool enable_thread_fences() noexcept {
  return fence_system(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
}

namespace {

/// An interrupt is a fence.
bool fence_by_interrupts() noexcept {
  if (!processor::interrupts_to_unmap()) return false;
  void* const page =
      ::mmap(nullptr, page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  // Only a page that was touched can have been looked up elsewhere.
  *static_cast<volatile char*>(page) = 1;
  return ::munmap(page, page_bytes()) == 0;
}

}  // namespace

bool fence_all_threads() noexcept {
  const errno_kept kept;
  // A program may forbid itself the first after it has started.
  return fence_system(MEMBARRIER_CMD_PRIVATE_EXPEDITED) || fence_by_interrupts();
}

namespace {
std::atomic<bool> exit_key_made{false};
pthread_key_t exit_key;
pthread_once_t exit_key_once = PTHREAD_ONCE_INIT;
std::atomic<void (*)(void*)> exit_call{nullptr};

void make_exit_key() noexcept {
  exit_key_made.store(::pthread_key_create(&exit_key, exit_call.load()) == 0);
}
}  // namespace

void on_thread_exit(void (*at_exit)(void*), void* value) noexcept {
  const errno_kept kept;
  exit_call.store(at_exit);
  ::pthread_once(&exit_key_once, make_exit_key);
  if (exit_key_made.load()) ::pthread_setspecific(exit_key, value);
}

}  // namespace connarena::os
