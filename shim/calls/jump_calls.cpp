// jump_calls.cpp - the calls by which a thread may leave others in a signal handler: then
// it no longer waits. A handler that jumps within itself says the same: what closes before
// the interrupted wait ends stays a while longer.

// Where it is set, the header gives longjmp the other name.
#undef _FORTIFY_SOURCE
#include <csetjmp>

#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/lifetime/left_calls.hpp"

using namespace connarena::shim;

namespace {

template <typename Jump>
[[noreturn]] void leave_by(Jump jump) noexcept {
  end_left_waits();
  jump();
  __builtin_unreachable();
}

}  // namespace

CONNARENA_REPLACES void longjmp(jmp_buf to, int value) noexcept {
  leave_by([=] { next().longjmp(to, value); });
}

CONNARENA_REPLACES void _longjmp(jmp_buf to, int value) noexcept {
  leave_by([=] { next()._longjmp(to, value); });
}

CONNARENA_REPLACES void siglongjmp(sigjmp_buf to, int value) noexcept {
  leave_by([=] { next().siglongjmp(to, value); });
}

CONNARENA_REPLACES void __longjmp_chk(jmp_buf to, int value) noexcept {
  leave_by([=] { next().__longjmp_chk(to, value); });
}
