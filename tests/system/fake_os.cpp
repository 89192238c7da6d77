#include "system/fake_os.hpp"

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "base/beside.hpp"
#include "os/os.hpp"

namespace fake_os {

static settings current;
static counters count;

settings& setup() noexcept { return current; }
const counters& seen() noexcept { return count; }

/// Counts a call. True if it is to be refused.
static bool refuses(call kind) noexcept {
  const std::size_t number = ++count.calls[static_cast<std::size_t>(kind)];
  return kind == current.refused_call && number == current.refused_number;
}

/// Whoever asks for part of a page gets all of it on a true system.
static void expect_whole_pages(const void* address, std::size_t bytes) noexcept {
  const bool are_whole =
      (reinterpret_cast<std::uintptr_t>(address) | bytes) % current.page_bytes == 0;
  if (!are_whole) std::abort();
}

}  // namespace fake_os

namespace connarena::os {

std::size_t page_bytes() noexcept { return fake_os::current.page_bytes; }

using fake_os::call;
using fake_os::count;
using fake_os::current;
using fake_os::expect_whole_pages;
using fake_os::refuses;

void* reserve(std::size_t bytes) noexcept {
  if (const auto call = std::exchange(current.before_reserve, nullptr)) call();
  if (refuses(call::reserve) || bytes > current.largest_reservation_bytes) return nullptr;
  void* address =
      ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED) return nullptr;
  count.reserved_bytes += bytes;
  return address;
}

bool reserve_at(void* address, std::size_t bytes) noexcept {
  if (const auto call = std::exchange(current.before_reserve, nullptr)) call();
  if (refuses(call::reserve_at) || current.refuses_reserve_at) return false;
  if (connarena::under_thread_sanitizer) return false;  // as the true one
  if (bytes > current.largest_reservation_bytes) return false;
  constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
  if (::mmap(address, bytes, PROT_NONE, flags, -1, 0) != address) return false;
  count.reserved_bytes += bytes;
  return true;
}

void unreserve(void* address, std::size_t bytes) noexcept {
  if (refuses(call::unreserve)) return;
  count.reserved_bytes -= bytes;
  ::munmap(address, bytes);
}

bool commit(void* address, std::size_t bytes) noexcept {
  if (const auto call = std::exchange(current.before_commit, nullptr)) call();
  if (refuses(call::commit) || bytes > current.commit_budget_bytes) return false;
  if (current.commit_budget_bytes != SIZE_MAX) current.commit_budget_bytes -= bytes;
  return ::mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0;
}

bool make_readable(void* address, std::size_t bytes) noexcept {
  return !refuses(call::make_readable) && ::mprotect(address, bytes, PROT_READ) == 0;
}

bool purge(void* address, std::size_t bytes) noexcept {
  expect_whole_pages(address, bytes);
  if (refuses(call::purge) || current.refuses_purge) return false;
  count.purged_bytes += bytes;
  return ::madvise(address, bytes, MADV_DONTNEED) == 0;
}

void purge_each(const stretch* all, std::size_t stretches, bool* have_gone) noexcept {
  for (std::size_t i = 0; i < stretches; ++i) have_gone[i] = purge(all[i].address, all[i].bytes);
}

void allow_uncommon_calls() noexcept {}

bool allows_uncommon_calls() noexcept { return false; }

void fill(void*, std::size_t) noexcept {}

std::size_t resident_pages(void*, std::size_t) noexcept { return 0; }

std::uint64_t purged_bytes() noexcept { return count.purged_bytes; }

bool guard(void* address, std::size_t bytes) noexcept {
  expect_whole_pages(address, bytes);
  if (refuses(call::guard) || current.guard_budget == 0) return false;
  --current.guard_budget;
  return ::madvise(address, bytes, MADV_DONTNEED) == 0 &&
         ::mprotect(address, bytes, PROT_NONE) == 0;
}
bool unguard(void* address, std::size_t bytes) noexcept {
  expect_whole_pages(address, bytes);
  if (refuses(call::unguard) || current.refuses_unguard) return false;
  return ::mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0;
}
bool guards_split_mappings() noexcept { return true; }

void restrict_calls(allowed_calls) noexcept {}
void lift_restriction(allowed_calls) noexcept {}

std::size_t address_space_limit() noexcept { return current.address_space_limit_bytes; }
bool limits_commits() noexcept { return current.commit_budget_bytes != SIZE_MAX; }
void forbid_huge_pages(void* address, std::size_t bytes) noexcept {
  if (!refuses(call::forbid_huge_pages)) ::madvise(address, bytes, MADV_NOHUGEPAGE);
}
std::uint32_t random_number() noexcept { return 0x12345679; }

void wait(const std::uint32_t* word, std::uint32_t expected) noexcept {
  ::syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}
void wake_one(std::uint32_t* word) noexcept {
  ::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}
void yield() noexcept { ::sched_yield(); }
void nap(std::uint32_t nanoseconds) noexcept {
  ++count.naps;
  const timespec limit{0, static_cast<long>(nanoseconds)};
  ::nanosleep(&limit, nullptr);
}

bool enable_thread_fences() noexcept {
  return !refuses(call::enable_thread_fences) && current.has_thread_fences &&
         ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}
bool fence_all_threads() noexcept {
  return !refuses(call::fence_all_threads) && !current.refuses_fences &&
         ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}

std::int64_t coarse_now_ns() noexcept { return current.now_ns; }
bool has_one_thread() noexcept { return !current.has_other_threads; }
bool start_thread(void (*run)() noexcept, const char*) noexcept {
  ++count.threads_started;
  count.started = run;
  return true;
}
void wait_for(const std::uint32_t*, std::uint32_t, std::int64_t ns) noexcept {
  ++count.waits;
  current.now_ns += ns;
}
std::int32_t current_processor() noexcept { return current.processor; }
int this_thread_number() noexcept { return ::gettid(); }
bool is_running(int) noexcept { return false; }

void on_thread_exit(void (*at_exit)(void*), void* value) noexcept {
  if (refuses(call::on_thread_exit)) return;
  static pthread_key_t key = [at_exit] {
    pthread_key_t made{};
    ::pthread_key_create(&made, at_exit);
    return made;
  }();
  ::pthread_setspecific(key, value);
}

void* share(std::size_t bytes) noexcept {
  constexpr int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
  void* const address = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  return address != MAP_FAILED ? address : nullptr;
}

void unshare(void* address, std::size_t bytes) noexcept { ::munmap(address, bytes); }

}  // namespace connarena::os
