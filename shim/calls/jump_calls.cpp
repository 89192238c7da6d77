// jump_calls.cpp - the calls by which a thread may leave others in a signal handler: then
// it no longer waits or closes, and the handler no longer runs. A handler that jumps within
// itself out of a wait that it makes says the same of an interrupted one: what closes before
// that ends stays a while longer. See running_handlers.hpp.

// Where it is set, the header gives longjmp the other name.
#undef _FORTIFY_SOURCE
#include <csetjmp>

#include "shim/beneath/exported.hpp"
#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/running_handlers.hpp"
#include "shim/lifetime/closing.hpp"
#include "shim/lifetime/left_calls.hpp"
#include "shim/processor/processor.hpp"

using namespace connarena::shim;

namespace {

void leave_by(const jump& by) noexcept {
  const std::uintptr_t stack = processor::stack_after(by.to);
  leave_handlers(by, stack);
  closing_call::end_left_below(stack);
  end_left_waits();
  by.next(by.to, by.value);
}

[[noreturn]] void leave_by(decltype(jump::next) next_call, __jmp_buf_tag* to, int value) noexcept {
  leave_by({leave_by, next_call, to, value});
  __builtin_unreachable();
}

}  // namespace

CONNARENA_REPLACES void longjmp(jmp_buf to, int value) noexcept {
  leave_by(next().longjmp, to, value);
}

CONNARENA_REPLACES void _longjmp(jmp_buf to, int value) noexcept {
  leave_by(next()._longjmp, to, value);
}

CONNARENA_REPLACES void siglongjmp(sigjmp_buf to, int value) noexcept {
  leave_by(next().siglongjmp, to, value);
}

CONNARENA_REPLACES void __longjmp_chk(jmp_buf to, int value) noexcept {
  leave_by(next().__longjmp_chk, to, value);
}
