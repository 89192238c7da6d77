#include "shim/handler_safe/running_handlers.hpp"

#include <atomic>
#include <bit>
#include <cstring>
#include <pthread.h>
#include <ucontext.h>
#include <unwind.h>

#include "shim/beneath/replaced_calls.hpp"
#include "shim/handler_safe/inside_core.hpp"
#include "shim/handler_safe/personality.hpp"
#include "shim/handler_safe/process_identity.hpp"
#include "shim/processor/processor.hpp"

namespace connarena::shim {
namespace {

using handler_function = void (*)(int, siginfo_t*, void*);

/// The kernel's set of signals: the first part of the C library's.
using signal_bits = std::uint64_t;
constexpr signal_bits own_faults = signal_bits{1} << (SIGSEGV - 1) |
                                   signal_bits{1} << (SIGBUS - 1) | signal_bits{1} << (SIGFPE - 1) |
                                   signal_bits{1} << (SIGILL - 1) |
                                   signal_bits{1} << (SIGTRAP - 1) | signal_bits{1} << (SIGSYS - 1);

/// On the stack that the handler runs on.
struct running {
  ucontext_t* interrupted;
  running* before;
  int depth;  ///< in unbroken stretches, of what it interrupted
};

struct thread_handlers {
  running* innermost = nullptr;
  std::uint32_t begun = 0;
  signal_bits handled = 0;  ///< since handled_until_now
  jump held{};
  signal_bits mask_at_jump = 0;
};
constinit thread_local thread_handlers own __attribute__((tls_model("initial-exec")));

std::atomic<handler_address> handlers[NSIG];

int depth_now() noexcept { return detail::unbroken_depth & ~detail::jump_is_held; }
int depth_outside(const running* handler) noexcept {
  return handler->before != nullptr ? handler->before->depth : 0;
}

std::uintptr_t address_of(const running* handler) noexcept {
  return reinterpret_cast<std::uintptr_t>(handler);
}

/// Whether a stack is one that a handler's functions may have: below its place, on the
/// same stack.
bool is_within(std::uintptr_t stack, const running* handler) noexcept {
  const stack_t& other = handler->interrupted->uc_stack;
  const auto start = reinterpret_cast<std::uintptr_t>(other.ss_sp);
  const auto is_on_other = [&](std::uintptr_t at) {
    return (other.ss_flags & SS_DISABLE) == 0 && at >= start && at < start + other.ss_size;
  };
  return stack < address_of(handler) && is_on_other(stack) == is_on_other(address_of(handler));
}

void run(int signal, siginfo_t* info, void* context) {
  CONNARENA_PERSONALITY(connarena_handler_is_left);
  running here{processor::interrupted_by(context), own.innermost, depth_now()};
  own.innermost = &here;
  ++own.begun;
  own.handled |= signal_bits{1} << (signal - 1);
  const handler_address handler = handlers[signal].load();
  handler_function function = nullptr;
  std::memcpy(&function, &handler, sizeof handler);
  if (function != nullptr) function(signal, info, context);
  own.innermost = here.before;
}

handler_address stand_in() noexcept {
  const handler_function function = run;
  handler_address address = nullptr;
  std::memcpy(&address, &function, sizeof address);
  return address;
}

/// SIG_DFL, SIG_IGN, SIG_HOLD and SIG_ERR are no functions.
bool is_function(handler_address handler) noexcept {
  const auto value = reinterpret_cast<std::uintptr_t>(handler);
  return value > 2 && value != UINTPTR_MAX;
}

/// The innermost handler left by a jump that had interrupted a stretch.
running* find_breaker(std::uintptr_t stack) noexcept {
  for (running* each = own.innermost; each != nullptr && !is_within(stack, each);
       each = each->before) {
    if (each->depth != depth_outside(each)) return each;
  }
  return nullptr;
}

signal_bits change_mask(int how, signal_bits bits) noexcept {
  sigset_t set;
  sigset_t former;
  sigemptyset(&set);
  std::memcpy(&set, &bits, sizeof bits);
  pthread_sigmask(how, &set, &former);
  std::memcpy(&bits, &former, sizeof bits);
  return bits;
}

/// Goes on with what a handler interrupted, as its return would, but for signals.
[[noreturn]] void resume(running& handler) noexcept {
  ucontext_t* const interrupted = handler.interrupted;
  const signal_bits all = ~own_faults;
  std::memcpy(&interrupted->uc_sigmask, &all, sizeof all);
  detail::unbroken_depth = handler.depth | detail::jump_is_held;
  own.innermost = handler.before;
  processor::resume(interrupted);
}

}  // namespace

told_handler note_handler(int signal, handler_address set) noexcept {
  if (signal <= 0 || signal >= NSIG) return {set, nullptr};
  const handler_address before = handlers[signal].load();
  // A child of vfork has handlers of its own, and this list in common with its parent.
  if (!is_function(set) || set == stand_in() || !is_surely_own_process()) return {set, before};
  return {stand_in(), handlers[signal].exchange(set)};
}

void forget_handler(int signal, handler_address set, const told_handler& noted) noexcept {
  if (noted.told != set) handlers[signal].compare_exchange_strong(set, noted.before);
}

handler_address handler_behind(handler_address told, handler_address known) noexcept {
  return told == stand_in() ? known : told;
}

handler_address known_handler(int signal) noexcept {
  return signal > 0 && signal < NSIG ? handlers[signal].load() : nullptr;
}

std::uint32_t handlers_begun() noexcept { return own.begun; }

handled_signals handled_until_now() noexcept {
  own.handled = 0;
  return {own.begun};
}

bool have_ended_calls(handled_signals since) noexcept {
  if (own.begun == since.begun) return false;
  for (signal_bits bits = own.handled; bits != 0; bits &= bits - 1) {
    struct sigaction set {};
    next().sigaction(std::countr_zero(bits) + 1, nullptr, &set);
    if ((set.sa_flags & SA_RESTART) == 0) return true;
  }
  return false;
}

bool runs_handler() noexcept {
  const auto stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  while (own.innermost != nullptr && !is_within(stack, own.innermost)) {
    own.innermost = own.innermost->before;
  }
  return own.innermost != nullptr;
}

void leave_handlers(const jump& by, std::uintptr_t stack) noexcept {
  if (own.innermost == nullptr) return;
  if (running* const breaker = find_breaker(stack)) {
    own.held = by;
    own.mask_at_jump = change_mask(SIG_BLOCK, ~own_faults);
    resume(*breaker);
  }
  while (own.innermost != nullptr && !is_within(stack, own.innermost)) {
    own.innermost = own.innermost->before;
  }
}

void detail::make_held_jump() noexcept {
  const running* const handler = own.innermost;
  if (depth_now() != (handler != nullptr ? handler->depth : 0)) return;
  unbroken_depth = depth_now();
  const jump held = own.held;
  change_mask(SIG_SETMASK, own.mask_at_jump);
  held.make(held);
}

}  // namespace connarena::shim

CONNARENA_IS_PERSONALITY _Unwind_Reason_Code connarena_handler_is_left(int, _Unwind_Action actions,
                                                                       _Unwind_Exception_Class,
                                                                       _Unwind_Exception*,
                                                                       _Unwind_Context*) {
  using connarena::shim::own;
  if ((actions & _UA_CLEANUP_PHASE) != 0 && own.innermost != nullptr) {
    own.innermost = own.innermost->before;
  }
  return _URC_CONTINUE_UNWIND;
}
