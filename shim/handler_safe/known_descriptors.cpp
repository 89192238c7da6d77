#include "shim/handler_safe/known_descriptors.hpp"

#include <atomic>
#include <linux/kcmp.h>
#include <sys/single_threaded.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/process_identity.hpp"

namespace connarena::shim {

namespace detail {
constinit thread_local descriptors_of_thread asked_descriptors
    __attribute__((tls_model("initial-exec"))) = descriptors_of_thread::not_asked;
}  // namespace detail

namespace {

using detail::asked_descriptors;
using detail::descriptors_of_thread;

std::atomic<bool> somebody_left{false};

/// Whether the thread has the same descriptors as the process's first one; no where the
/// system does not say.
bool shares_with_first_thread() noexcept {
  if (!may_ask_process() || !may_ask_sockets()) return false;
  const errno_kept kept;
  const pid_t first = getpid();
  return syscall(SYS_kcmp, first, gettid(), KCMP_FILES, 0, 0) == 0;
}

/// A thread has a folder there, which is a link to the one above.
bool is_only_thread() noexcept {
  if (__libc_single_threaded != 0) return true;
  const errno_kept kept;
  struct stat tasks {};
  return stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink == 3;
}

}  // namespace

/// Who was there before anybody left has been asked then, or shares with the first thread.
bool detail::ask_for_descriptors() noexcept {
  if (asked_descriptors == descriptors_of_thread::its_own) return false;
  const bool shares = !somebody_left.load() || shares_with_first_thread();
  asked_descriptors = shares ? descriptors_of_thread::the_process : descriptors_of_thread::its_own;
  return shares;
}

bool are_descriptors_known() noexcept { return is_own_process() && !has_own_descriptors(); }

leaving_descriptors::leaving_descriptors() noexcept
    : others_share_(is_own_process() && !is_only_thread()) {
  if (!others_share_) return;
  static_cast<void>(has_own_descriptors());
  somebody_left.store(true);
}

void leaving_descriptors::is_done() const noexcept {
  if (others_share_) asked_descriptors = descriptors_of_thread::its_own;
}

void reset_known_descriptors_in_child() noexcept {
  if (!has_own_descriptors()) somebody_left.store(false);
}

}  // namespace connarena::shim
