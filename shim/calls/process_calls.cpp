// process_calls.cpp - limits on address space, handlers around forks, and ends that run
// no destructor.
#include <sys/resource.h>
#include <unistd.h>

#include "api/core.hpp"
#include "shim/beneath/base_allocator.hpp"
#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/lifetime/fork.hpp"
#include "shim/report/recorder.hpp"

using namespace connarena::shim;

namespace {

/// The reservation counts against the limit: the program's next thread must
/// still find room for its stack. A quarter is what the region takes at first.
template <typename Resource, typename Limit>
void make_room(Resource resource, const Limit* limit) noexcept {
  if (resource != RLIMIT_AS || limit == nullptr || limit->rlim_cur == RLIM_INFINITY) return;
  if (!is_own_process()) return;
  const inside_core inside;
  connarena::core::shrink_reservation(limit->rlim_cur / 4);
}

bool is_self(pid_t process) noexcept { return process == 0 || process == getpid(); }

}  // namespace

CONNARENA_REPLACES int setrlimit(__rlimit_resource_t resource, const rlimit* limit) noexcept {
  make_room(resource, limit);
  return next().setrlimit(resource, limit);
}

CONNARENA_REPLACES int setrlimit64(__rlimit_resource_t resource, const rlimit64* limit) noexcept {
  make_room(resource, limit);
  return next().setrlimit64(resource, limit);
}

CONNARENA_REPLACES int prlimit(pid_t process, __rlimit_resource resource, const rlimit* limit,
                               rlimit* old) noexcept {
  if (is_self(process)) make_room(resource, limit);
  return next().prlimit(process, resource, limit, old);
}

CONNARENA_REPLACES int prlimit64(pid_t process, __rlimit_resource resource, const rlimit64* limit,
                                 rlimit64* old) noexcept {
  if (is_self(process)) make_room(resource, limit);
  return next().prlimit64(process, resource, limit, old);
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
