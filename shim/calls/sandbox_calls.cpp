// sandbox_calls.cpp - prctl, by which a program enters a sandbox. seccomp is a bare system
// call: see system_calls.cpp.
#include <csignal>
#include <cstdarg>
#include <linux/membarrier.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "api/core.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/calls/call_filter.hpp"
#include "shim/calls/sandbox.hpp"
#include "shim/handler_safe/allowed_calls.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/lifetime/connections.hpp"
#include "shim/lifetime/descriptors.hpp"
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
  [[nodiscard]] bool map() const noexcept {
    constexpr std::uint64_t reserving = anonymous | MAP_FIXED_NOREPLACE;
    return is_harmless(SYS_mmap, {0, core::page_bytes, PROT_NONE, reserving}) &&
           is_harmless(SYS_mmap, {0, core::page_bytes, readable, anonymous | MAP_NORESERVE}) &&
           is_harmless(SYS_munmap, {});
  }
  [[nodiscard]] bool ask_process() const noexcept { return is_harmless(SYS_getpid, {}); }
  [[nodiscard]] bool ask_sockets() const noexcept {
    return is_harmless(SYS_getsockopt, {0, SOL_SOCKET, SO_TYPE}) &&
           is_harmless(SYS_getpeername, {}) && is_harmless(SYS_fcntl, {0, F_GETFL}) &&
           is_harmless(SYS_fstat, {});
  }
  [[nodiscard]] bool tidy() const noexcept {
    return advise() && is_harmless(SYS_rt_sigprocmask, {SIG_BLOCK}) &&
           is_harmless(SYS_rt_sigprocmask, {SIG_SETMASK}) && is_harmless(SYS_epoll_pwait, {}) &&
           is_harmless(SYS_ppoll, {}) && is_harmless(SYS_clock_nanosleep, {}) &&
           is_harmless(SYS_clock_gettime, {CLOCK_THREAD_CPUTIME_ID});
  }

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

void limit(std::atomic<bool>& what, bool is_allowed) noexcept {
  if (!is_allowed) what.store(false);
}

void prepare_for(const permissions& allowed) noexcept {
  if (is_inside_core()) return;
  report::memory_returned(true);
  {
    const inside_core inside;
    core::enter_sandbox(
        {allowed.protect(), allowed.advise(), allowed.advise_guards(), allowed.advise_locked(),
         allowed.map(), allowed.fence()});
  }
  prepare_connections();
  prepare_descriptors();
  prepare_quiescence();
  limit(sandbox.may_map, allowed.map());
  limit(sandbox.may_ask_process, allowed.ask_process());
  limit(sandbox.may_ask_sockets, allowed.ask_sockets());
  limit(sandbox.may_tidy, allowed.tidy());
  limit(sandbox.may_copy, allowed.copy());
  limit(sandbox.may_name_files, false);
}

}  // namespace

void note_mode(unsigned long mode, const void* filter) noexcept {
  if (mode == SECCOMP_MODE_STRICT) prepare_for(permissions(nullptr));
  if (mode == SECCOMP_MODE_FILTER && filter != nullptr) {
    prepare_for(permissions(static_cast<const sock_fprog*>(filter)));
  }
}

}  // namespace connarena::shim

using namespace connarena::shim;

CONNARENA_REPLACES int prctl(int option, ...) noexcept {
  va_list rest;
  va_start(rest, option);
  unsigned long words[4];
  for (unsigned long& each : words) each = va_arg(rest, unsigned long);
  va_end(rest);
  if (option == PR_SET_SECCOMP) note_mode(words[0], reinterpret_cast<const void*>(words[1]));
  return next().prctl(option, words[0], words[1], words[2], words[3]);
}
