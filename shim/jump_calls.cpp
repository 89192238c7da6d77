// jump_calls.cpp - the calls by which a thread may leave others in a signal handler: then
// it no longer waits. A handler that jumps within itself says the same: what closes before
// the interrupted wait ends stays a while longer.

// Where it is set, the header gives longjmp the other name.
#undef _FORTIFY_SOURCE
#include <csetjmp>

#include "shim/exported.hpp"
#include "shim/left_calls.hpp"
#include "shim/replaced_calls.hpp"

using namespace connarena::shim;

CONNARENA_REPLACES void longjmp(jmp_buf to, int value) noexcept {
  end_left_waits();
  next().longjmp(to, value);
  __builtin_unreachable();
}

CONNARENA_REPLACES void _longjmp(jmp_buf to, int value) noexcept {
  end_left_waits();
  next()._longjmp(to, value);
  __builtin_unreachable();
}

CONNARENA_REPLACES void siglongjmp(sigjmp_buf to, int value) noexcept {
  end_left_waits();
  next().siglongjmp(to, value);
  __builtin_unreachable();
}

CONNARENA_REPLACES void __longjmp_chk(jmp_buf to, int value) noexcept {
  end_left_waits();
  next().__longjmp_chk(to, value);
  __builtin_unreachable();
}
