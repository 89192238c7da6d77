// running_handlers.hpp - which signal handlers of the program run on the calling thread.
//
// A handler may have interrupted the program in an allocator: where one runs, nothing is
// done that calls the base allocator. So the system is told of a function of ours in place
// of each handler; that lists what it interrupted, and calls the handler.
//
// A handler may leave by a jump. It is taken off the list then, and where it had
// interrupted an unbroken stretch (inside_core.hpp), that is resumed first, with signals
// held back, and the jump made at its end. Which handlers are left is told from the
// stack that the jump goes to. One that leaves otherwise, as by setcontext, stays listed
// until the stack shows that it is gone.
// Handlers that a program sets by a system call of its own, not by syscall(), are not known.
#pragma once

#include <csignal>
#include <cstdint>

struct __jmp_buf_tag;

namespace connarena::shim {

/// A handler, whatever its parameters are; also SIG_DFL and the other special values.
using handler_address = void*;

/// The program sets a handler: gives what the system is to be told instead, and what the
/// handler was before, as far as it is known. For `has_failed_to_set`.
struct told_handler {
  handler_address told;
  handler_address before;
};
[[nodiscard]] told_handler note_handler(int signal, handler_address set) noexcept;
/// The system has refused.
void forget_handler(int signal, handler_address set, const told_handler& noted) noexcept;
/// What the program is to be told where the system says `told`.
[[nodiscard]] handler_address handler_behind(handler_address told, handler_address known) noexcept;
[[nodiscard]] handler_address known_handler(int signal) noexcept;

/// How many the calling thread has begun to run.
[[nodiscard]] std::uint32_t handlers_begun() noexcept;
/// Which signals it has handled since a moment: a handler that was not set to restart
/// calls ends those that it interrupts.
struct handled_signals {
  std::uint32_t begun;
};
[[nodiscard]] handled_signals handled_until_now() noexcept;
[[nodiscard]] bool have_ended_calls(handled_signals since) noexcept;
/// Whether the calling thread runs a handler.
[[nodiscard]] bool runs_handler() noexcept;

/// A jump out of handlers, which can be made again.
struct jump {
  void (*make)(const jump&);  ///< does not return
  void (*next)(__jmp_buf_tag*, int);
  __jmp_buf_tag* to;
  int value;
};

/// Before a jump to a stack: it is made later, and this does not return, where it would
/// break a stretch. Else the handlers that it leaves no longer run.
void leave_handlers(const jump& by, std::uintptr_t stack) noexcept;

}  // namespace connarena::shim
