// dlopen_call.cpp - dlopen, without RTLD_DEEPBIND.
//
// A plug-in loaded so finds the C library's malloc before ours, and would free
// there what the program got here. The loader looks for a plug-in as the calling
// library's headers say, and knows that library by the address dlopen returns to:
// so dlopen itself, in shim/processor, jumps to it with nothing of ours left on the stack.
#include <dlfcn.h>

#include "shim/beneath/replaced_calls.hpp"

static_assert(RTLD_DEEPBIND == 8);

// Called by the assembly alone, which link-time optimization does not read.
extern "C" __attribute__((visibility("hidden"), used)) decltype(&::dlopen)
connarena_next_dlopen() noexcept {
  return connarena::shim::next().dlopen;
}
