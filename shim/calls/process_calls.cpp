// process_calls.cpp - limits on address space, handlers around forks, and ends that run
// no destructor.
#include <sys/resource.h>
#include <unistd.h>

#include "api/core.hpp"
#include "shim/beneath/base_allocator.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/calls/address_limits.hpp"
#include "shim/handler_safe/errno_kept.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/lifetime/fork.hpp"
#include "shim/lifetime/idle.hpp"
#include "shim/report/recorder.hpp"

namespace connarena::shim {

/// A quarter is what the region takes at first.
void note_address_limit(unsigned long bytes) noexcept {
  const errno_kept kept;
  if (is_inside_core() || !is_surely_own_process()) return;
  const inside_core inside;
  core::shrink_reservation(bytes / 4);
}

bool is_calling_process(long process) noexcept { return process == 0 || process == getpid(); }

}  // namespace connarena::shim

using namespace connarena::shim;

CONNARENA_REPLACES int setns(int fd, int kind) noexcept {
  const without_helper alone;
  return next().setns(fd, kind);
}

CONNARENA_REPLACES int setrlimit(__rlimit_resource_t resource, const rlimit* limit) noexcept {
  return limited(next().setrlimit(resource, limit), resource, limit);
}

CONNARENA_REPLACES int setrlimit64(__rlimit_resource_t resource, const rlimit64* limit) noexcept {
  return limited(next().setrlimit64(resource, limit), resource, limit);
}

CONNARENA_REPLACES int prlimit(pid_t process, __rlimit_resource resource, const rlimit* limit,
                               rlimit* old) noexcept {
  const int result = next().prlimit(process, resource, limit, old);
  return is_calling_process(process) ? limited(result, resource, limit) : result;
}

CONNARENA_REPLACES int prlimit64(pid_t process, __rlimit_resource resource, const rlimit64* limit,
                                 rlimit64* old) noexcept {
  const int result = next().prlimit64(process, resource, limit, old);
  return is_calling_process(process) ? limited(result, resource, limit) : result;
}

/// What pthread_atfork calls: a constructor that runs before ours may call it before
/// anybody calls malloc.
CONNARENA_REPLACES int __register_atfork(void (*before)(), void (*in_parent)(), void (*in_child)(),
                                         void* library) noexcept {
  find_base();
  handle_forks();
  return next().__register_atfork(before, in_parent, in_child, library);
}

CONNARENA_REPLACES void _exit(int status) {
  report::finish_at_once();
  next()._exit(status);
  __builtin_unreachable();
}

CONNARENA_REPLACES void _Exit(int status) noexcept {
  report::finish_at_once();
  next()._exit(status);
  __builtin_unreachable();
}
