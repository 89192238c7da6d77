// processor.hpp - what the preload library does by a processor's own instructions: one file
// for each, which says the same names, and one of assembly.
//
//   filter_architecture     as a filter of system calls finds it
//   elf_machine             of programs that can load this library
//   stack_after(to)         where the stack will be after a jump; the C library keeps it mixed
//                           with a word of its own
//   interrupted_by(context) what a signal handler, which calls this, has interrupted; `context`
//                           is its third argument
//   resume(interrupted)     goes on as the return of a signal handler would
//   add_at_once(to, by)     adds to a word of the thread's so that no signal handler comes
//   subtract_at_once(...)   between; the latter says whether it has become negative
#pragma once

#if defined(__x86_64__)
#include "shim/processor/x86_64.hpp"
#elif defined(__aarch64__)
#include "shim/processor/aarch64.hpp"
#else
#error "connarena runs on x86-64 and arm64"
#endif
