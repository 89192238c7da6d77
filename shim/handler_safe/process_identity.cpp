#include "shim/handler_safe/process_identity.hpp"

#include <atomic>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api/core.hpp"
#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/errno_kept.hpp"

namespace connarena::shim {
namespace {

std::atomic<pid_t> own_process{0};
std::atomic<void (*)()> reset_in_bare_child{nullptr};

/// A child has been made that runs in this memory beside its parent.
std::atomic<bool> is_memory_shared{false};
/// The thread, or a child that runs as it, has called vfork.
constinit thread_local bool may_be_child __attribute__((tls_model("initial-exec"))) = false;

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

void notice_bare_child() noexcept {
  if (is_noted_here == nullptr || is_noted_here->load()) [[likely]]
    return;
  note_own_process();
  if (void (*const reset)() = reset_in_bare_child.load()) reset();
}

}  // namespace

bool is_own_process() noexcept {
  notice_bare_child();
  const bool is_clear = !may_be_child && !is_memory_shared.load(std::memory_order_relaxed);
  // Without the page any child may be a bare one.
  if (is_clear && is_noted_here != nullptr) [[likely]]
    return true;
  return is_surely_own_process();
}

bool is_surely_own_process() noexcept {
  notice_bare_child();
  const pid_t own = own_process.load(std::memory_order_relaxed);
  if (own == 0 || !may_ask_process()) return true;
  if (own != getpid()) return false;
  may_be_child = false;
  return true;
}

void note_own_process() noexcept {
  if (own_process.load(std::memory_order_relaxed) == 0) is_noted_here = make_wiped_mark();
  if (is_noted_here != nullptr) is_noted_here->store(true);
  if (may_ask_process()) own_process.store(getpid(), std::memory_order_relaxed);
}

void call_in_bare_child(void (*reset)()) noexcept { reset_in_bare_child.store(reset); }

void note_vfork() noexcept { may_be_child = true; }

void note_clone(unsigned long flags) noexcept {
  if ((flags & CLONE_VM) == 0 || (flags & CLONE_THREAD) != 0) return;
  // With a thread pointer of its own it would not find its parent's mark.
  if ((flags & (CLONE_VFORK | CLONE_SETTLS)) == CLONE_VFORK) return note_vfork();
  is_memory_shared.store(true, std::memory_order_relaxed);
}

}  // namespace connarena::shim
