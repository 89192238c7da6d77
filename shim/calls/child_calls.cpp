// child_calls.cpp - the calls by which children come that run in this memory; see
// process_identity.hpp. What syscall makes is noted in system_calls.cpp.
#include <cstdarg>
#include <sched.h>
#include <unistd.h>

#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/process_identity.hpp"

using namespace connarena::shim;

// Called by vfork itself, in shim/processor: its child comes back over the frame of whoever
// called it, in which nothing of ours may lie.
extern "C" __attribute__((visibility("hidden"), used)) decltype(&::vfork)
connarena_next_vfork() noexcept {
  note_vfork();
  return next().vfork;
}

// The child begins in its own function, on a stack of its own. What follows the fourth
// argument is passed on whether it is given or not.
CONNARENA_REPLACES int clone(int (*begin)(void*), void* stack, int flags, void* argument,
                             ...) noexcept {
  va_list rest;
  va_start(rest, argument);
  auto* const child_in_parent = va_arg(rest, pid_t*);
  void* const thread_pointer = va_arg(rest, void*);
  auto* const child_in_child = va_arg(rest, pid_t*);
  va_end(rest);
  note_clone(static_cast<unsigned>(flags));
  return next().clone(begin, stack, flags, argument, child_in_parent, thread_pointer,
                      child_in_child);
}

CONNARENA_ALSO(__clone, clone);
