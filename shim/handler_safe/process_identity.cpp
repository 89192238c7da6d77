#include "shim/handler_safe/process_identity.hpp"

#include <atomic>
#include <sys/mman.h>
#include <unistd.h>

#include "api/core.hpp"
#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/errno_kept.hpp"

namespace connarena::shim {
namespace {

std::atomic<pid_t> own_process{0};
std::atomic<void (*)()> reset_in_bare_child{nullptr};

/// In a page of its own, which a child finds zeroed. Null where the system has no such pages.
std::atomic<bool>* is_noted_here = nullptr;

std::atomic<bool>* make_wiped_mark() noexcept {
  const errno_kept kept;
  void* const page =
      mmap(nullptr, core::page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (madvise(page, core::page_bytes, MADV_WIPEONFORK) == 0)
    return static_cast<std::atomic<bool>*>(page);
  munmap(page, core::page_bytes);
  return nullptr;
}

bool is_bare_child() noexcept { return is_noted_here != nullptr && !is_noted_here->load(); }

}  // namespace

bool is_own_process() noexcept {
  if (own_process.load(std::memory_order_relaxed) == 0) return true;
  if (is_bare_child()) [[unlikely]] {
    note_own_process();
    if (void (*const reset)() = reset_in_bare_child.load()) reset();
  }
  return !may_ask_process() || own_process.load(std::memory_order_relaxed) == getpid();
}

void note_own_process() noexcept {
  if (own_process.load(std::memory_order_relaxed) == 0) is_noted_here = make_wiped_mark();
  if (is_noted_here != nullptr) is_noted_here->store(true);
  if (may_ask_process()) own_process.store(getpid(), std::memory_order_relaxed);
}

void call_in_bare_child(void (*reset)()) noexcept { reset_in_bare_child.store(reset); }

}  // namespace connarena::shim
