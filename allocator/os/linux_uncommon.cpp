// linux_uncommon.cpp - the part of os.hpp that takes calls which few programs need.
#include "os/uncommon_calls.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "base/errno_kept.hpp"
#include "base/units.hpp"
#include "os/advice.hpp"
#include "os/os.hpp"
#include "os/processor.hpp"

namespace connarena::os {

constinit allowance uncommon_calls;

namespace {

std::atomic<bool> are_allowed{false};
// Older systems will not learn them.
std::atomic<bool> fills_pages{true};
std::atomic<bool> takes_several{true};

// Of Linux 6.14: this process, without a descriptor.
constexpr long this_process = -10001;  // PIDFD_SELF_THREAD_GROUP
constexpr std::size_t most_at_once = 32;

}  // namespace

std::size_t purge_in_one_call(const stretch* all, std::size_t count) noexcept {
  if (count < 2 || !allows_uncommon_calls() || !takes_several.load(std::memory_order_relaxed))
    return 0;
  iovec several[most_at_once];
  count = std::min(count, most_at_once);
  std::transform(all, all + count, several, [](const stretch& each) {
    return iovec{each.address, each.bytes};
  });
  long bytes =
      processor::call_system(SYS_process_madvise, reinterpret_cast<const void*>(this_process),
                             reinterpret_cast<long>(several), static_cast<long>(count),
                             reinterpret_cast<const void*>(MADV_DONTNEED));
  // What is refused for the sake of one stretch is asked of each.
  if (bytes == -ENOSYS || bytes == -EBADF || bytes == -EPERM) {
    takes_several.store(false, std::memory_order_relaxed);
  }
  std::size_t gone = 0;
  while (gone < count && bytes >= static_cast<long>(all[gone].bytes)) {
    bytes -= static_cast<long>(all[gone++].bytes);
  }
  return gone;
}

bool allows_uncommon_calls() noexcept {
  return are_allowed.load(std::memory_order_relaxed) && uncommon_calls.holds();
}

void allow_uncommon_calls() noexcept { are_allowed.store(true, std::memory_order_relaxed); }

void fill(void* address, std::size_t bytes) noexcept {
  const errno_kept kept;
  if (!allows_uncommon_calls() || !fills_pages.load(std::memory_order_relaxed)) return;
  if (::madvise(address, bytes, fill_pages) != 0 && errno == EINVAL) {
    fills_pages.store(false, std::memory_order_relaxed);
  }
}

std::size_t resident_pages(void* address, std::size_t bytes) noexcept {
  const errno_kept kept;
  unsigned char pages[most_counted_bytes / connarena::page_bytes];
  const std::size_t count = bytes / page_bytes();
  if (!allows_uncommon_calls() || ::mincore(address, bytes, pages) != 0) return 0;
  return static_cast<std::size_t>(
      std::count_if(pages, pages + count, [](unsigned char page) { return (page & 1) != 0; }));
}

}  // namespace connarena::os
