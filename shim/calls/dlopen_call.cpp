// dlopen_call.cpp - dlopen, without RTLD_DEEPBIND.
//
// A plug-in loaded so finds the C library's malloc before ours, and would free
// there what the program got here. The loader looks for a plug-in as the calling
// library's headers say, and knows that library by the address dlopen returns to:
// so this jumps, with nothing of ours left on the stack.
#include <dlfcn.h>

#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"

static_assert(RTLD_DEEPBIND == 8);

// Used by the assembly alone, which link-time optimization does not read.
extern "C" __attribute__((visibility("hidden"), used)) decltype(&::dlopen)
connarena_next_dlopen() noexcept {
  return connarena::shim::next().dlopen;
}

// The two arguments are kept over the call, which finds the stack aligned to 16.
CONNARENA_REPLACES __attribute__((naked)) void* dlopen(const char*, int) noexcept {
  asm("push %rdi\n\t"
      "push %rsi\n\t"
      "sub $8, %rsp\n\t"
      "call connarena_next_dlopen\n\t"
      "add $8, %rsp\n\t"
      "pop %rsi\n\t"
      "pop %rdi\n\t"
      "and $~8, %esi\n\t"
      "jmp *%rax");
}
