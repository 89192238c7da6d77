// sandbox_calls.cpp - prctl, by which a program enters a sandbox. seccomp is a bare system
// call: see system_calls.cpp.
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstring>
#include <linux/bpf_common.h>
#include <linux/membarrier.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "api/core.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/calls/call_filter.hpp"
#include "shim/calls/sandbox.hpp"
#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/handler_safe/readable.hpp"
#include "shim/lifetime/connections.hpp"
#include "shim/lifetime/descriptors.hpp"
#include "shim/lifetime/live_rows.hpp"
#include "shim/lifetime/quiescence.hpp"
#include "shim/report/recorder.hpp"

namespace connarena::shim {

namespace {

/// What a filter lets us do; without one, as in the strict mode, nothing.
class permissions {
 public:
  explicit permissions(const sock_fprog* filter) noexcept : filter_(filter) {}

  [[nodiscard]] bool fence() const noexcept {
    const verdict direct = ask(SYS_membarrier, {MEMBARRIER_CMD_PRIVATE_EXPEDITED});
    if (direct != verdict::fails) return direct == verdict::runs;
    return runs(SYS_mmap, {0, core::page_bytes, readable, anonymous}) && runs(SYS_munmap, {});
  }
  [[nodiscard]] bool protect() const noexcept {
    return is_harmless(SYS_mprotect, {0, core::page_bytes, readable});
  }
  [[nodiscard]] bool advise() const noexcept {
    return is_harmless(SYS_madvise, {0, core::page_bytes, MADV_DONTNEED}) &&
           is_harmless(SYS_madvise, {0, core::page_bytes, MADV_DODUMP});
  }
  [[nodiscard]] bool advise_guards() const noexcept {
    return is_harmless(SYS_madvise, {0, core::page_bytes, core::install_guard}) &&
           is_harmless(SYS_madvise, {0, core::page_bytes, core::remove_guard});
  }
  [[nodiscard]] bool advise_locked() const noexcept {
    return is_harmless(SYS_madvise, {0, core::page_bytes, core::forget_locked});
  }
  [[nodiscard]] bool uncommon() const noexcept {
    return is_harmless(SYS_mincore, {}) && is_harmless(SYS_process_madvise, {}) &&
           is_harmless(SYS_madvise, {0, core::page_bytes, core::fill_pages});
  }
  [[nodiscard]] bool map() const noexcept {
    constexpr std::uint64_t reserving = anonymous | MAP_FIXED_NOREPLACE;
    return is_harmless(SYS_mmap, {0, core::page_bytes, PROT_NONE, reserving}) &&
           is_harmless(SYS_mmap, {0, core::page_bytes, readable, anonymous | MAP_NORESERVE}) &&
           is_harmless(SYS_munmap, {});
  }
  [[nodiscard]] bool ask_process() const noexcept { return is_harmless(SYS_getpid, {}); }
  [[nodiscard]] bool ask_sockets() const noexcept {
    return is_harmless(SYS_getsockopt, {0, SOL_SOCKET, SO_TYPE}) &&
           is_harmless(SYS_getsockopt, {0, SOL_SOCKET, SO_LINGER}) &&
           is_harmless(SYS_getpeername, {}) && is_harmless(SYS_fcntl, {0, F_GETFL}) &&
           is_harmless(SYS_fstat, {});
  }
  [[nodiscard]] bool disconnect() const noexcept {
    return is_harmless(SYS_shutdown, {0, SHUT_RDWR}) && is_harmless(SYS_sched_yield, {}) &&
           is_harmless(SYS_write, {STDERR_FILENO}) &&
           is_harmless(SYS_rt_sigprocmask, {SIG_BLOCK}) &&
           is_harmless(SYS_rt_sigprocmask, {SIG_SETMASK});
  }
  [[nodiscard]] bool peek() const noexcept { return is_harmless(SYS_process_vm_readv, {}); }
  [[nodiscard]] bool tidy() const noexcept {
    return advise() && is_harmless(SYS_rt_sigprocmask, {SIG_BLOCK}) &&
           is_harmless(SYS_rt_sigprocmask, {SIG_SETMASK}) && is_harmless(SYS_epoll_pwait, {}) &&
           is_harmless(SYS_ppoll, {}) && is_harmless(SYS_clock_nanosleep, {}) &&
           is_harmless(SYS_clock_gettime, {CLOCK_THREAD_CPUTIME_ID});
  }

  [[nodiscard]] bool count_input() const noexcept { return is_harmless(SYS_ioctl, {0, FIONREAD}); }
  [[nodiscard]] bool copy() const noexcept {
    return is_harmless(SYS_pipe2, {0, O_CLOEXEC | O_NONBLOCK}) && is_harmless(SYS_read, {}) &&
           is_harmless(SYS_write, {}) && is_harmless(SYS_close, {}) &&
           is_harmless(SYS_rt_sigprocmask, {SIG_BLOCK}) &&
           is_harmless(SYS_rt_sigprocmask, {SIG_SETMASK});
  }

 private:
  using arguments = std::initializer_list<std::uint64_t>;
  static constexpr std::uint64_t readable = PROT_READ | PROT_WRITE;
  static constexpr std::uint64_t anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

  [[nodiscard]] verdict ask(long call, arguments with) const noexcept {
    return filter_ != nullptr ? verdict_of(*filter_, call, with) : verdict::disturbs;
  }
  [[nodiscard]] bool runs(long call, arguments with) const noexcept {
    return ask(call, with) == verdict::runs;
  }
  [[nodiscard]] bool is_harmless(long call, arguments with) const noexcept {
    return ask(call, with) != verdict::disturbs;
  }

  const sock_fprog* filter_;
};

enum class change : unsigned char { forbid, take_back };

void limit(core::allowance& what, bool is_allowed, change how) noexcept {
  if (is_allowed) return;
  how == change::forbid ? what.forbid() : what.take_back();
}

void limit_shim(const permissions& allowed, change how) noexcept {
  limit(sandbox.map, allowed.map(), how);
  limit(sandbox.ask_process, allowed.ask_process(), how);
  limit(sandbox.ask_sockets, allowed.ask_sockets(), how);
  limit(sandbox.tidy, allowed.tidy(), how);
  limit(sandbox.count_input, allowed.count_input(), how);
  limit(sandbox.peek, allowed.peek(), how);
  limit(sandbox.copy, allowed.copy(), how);
  limit(sandbox.name_files, false, how);
  limit(sandbox.disconnect, allowed.disconnect(), how);
}

void limit_core(const permissions& allowed, change how) noexcept {
  const inside_core inside;
  const core::allowed_calls calls{
      allowed.protect(),  allowed.advise(), allowed.advise_guards(), allowed.advise_locked(),
      allowed.uncommon(), allowed.map(),    allowed.fence()};
  how == change::forbid ? core::enter_sandbox(calls) : core::leave_sandbox(calls);
}

static_assert(sizeof(sock_filter) * BPF_MAXINSNS <= most_asked_bytes);

}  // namespace

entering_sandbox::entering_sandbox(unsigned long mode, const void* filter) noexcept {
  // What a child of vfork forbids itself, it does not forbid its parent.
  if (is_inside_core() || !is_surely_own_process()) return;
  if (mode == SECCOMP_MODE_FILTER) {
    if (!is_readable(filter, sizeof filter_)) return;
    std::memcpy(&filter_, filter, sizeof filter_);
    if (filter_.len == 0 || filter_.len > BPF_MAXINSNS) return;
    if (!is_readable(filter_.filter, filter_.len * sizeof(sock_filter))) return;
  } else if (mode != SECCOMP_MODE_STRICT) {
    return;
  }
  is_prepared_ = true;
  report::memory_returned(true);
  const permissions allowed(filter_.len != 0 ? &filter_ : nullptr);
  limit_core(allowed, change::forbid);
  prepare_connections();
  prepare_descriptors();
  prepare_quiescence();
  show_inherited();
  limit_shim(allowed, change::forbid);
}

void entering_sandbox::is_refused() noexcept {
  if (!is_prepared_) return;
  const errno_kept kept;
  const permissions allowed(filter_.len != 0 ? &filter_ : nullptr);
  limit_shim(allowed, change::take_back);
  limit_core(allowed, change::take_back);
}

}  // namespace connarena::shim

using namespace connarena::shim;

CONNARENA_REPLACES int prctl(int option, ...) noexcept {
  va_list rest;
  va_start(rest, option);
  unsigned long words[4];
  for (unsigned long& each : words) each = va_arg(rest, unsigned long);
  va_end(rest);
  const auto call = [&] { return next().prctl(option, words[0], words[1], words[2], words[3]); };
  if (option != PR_SET_SECCOMP) return call();
  return entering(words[0], reinterpret_cast<const void*>(words[1]), 0, call);
}
