#include "shim/handler_safe/readable.hpp"

#include <cerrno>
#include <cstdint>
#include <sys/uio.h>
#include <unistd.h>

#include "api/core.hpp"
#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/errno_kept.hpp"

namespace connarena::shim {
namespace {

using core::page_bytes;
constexpr std::size_t near_bytes = 16 * page_bytes;

/// Above the frames of our own, which are at the stack's end.
bool is_on_stack(std::uintptr_t start, std::size_t bytes) noexcept {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  return start > here && start - here < near_bytes && bytes < near_bytes;
}

}  // namespace

bool is_readable(const void* address, std::size_t bytes) noexcept {
  const auto start = reinterpret_cast<std::uintptr_t>(address);
  if (is_on_stack(start, bytes) || !may_peek()) return true;
  const errno_kept kept;
  constexpr std::size_t most_pages = most_asked_bytes / page_bytes + 2;
  iovec looked_at[most_pages];
  std::size_t count = 0;
  for (std::size_t at = 0; at < bytes && count < most_pages - 1; at += page_bytes) {
    looked_at[count++] = {reinterpret_cast<void*>(start + at), 1};
  }
  looked_at[count++] = {reinterpret_cast<void*>(start + bytes - 1), 1};
  char seen[most_pages];
  const iovec to{seen, count};
  const ssize_t got = process_vm_readv(getpid(), &to, 1, looked_at, count, 0);
  return got >= 0 ? static_cast<std::size_t>(got) == count : errno != EFAULT;
}

}  // namespace connarena::shim
