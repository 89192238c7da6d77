// aarch64.hpp - see processor.hpp.
#pragma once

#include <elf.h>
#include <linux/audit.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include <csetjmp>
#include <csignal>
#include <cstdint>

namespace connarena::shim::processor {

inline constexpr std::uint32_t filter_architecture = AUDIT_ARCH_AARCH64;
inline constexpr unsigned elf_machine = EM_AARCH64;

/// The word is the dynamic loader's own: it shows in what is kept of a known stack.
[[gnu::noinline]] inline std::uintptr_t stack_after(const __jmp_buf_tag* to) noexcept {
  constexpr int place_of_stack = 13;
  jmp_buf here;
  if (_setjmp(here) != 0) __builtin_unreachable();
  std::uintptr_t stack_here = 0;
  asm volatile("mov %0, sp" : "=r"(stack_here));
  const auto kept_at = [](const __jmp_buf_tag* from) {
    return static_cast<std::uintptr_t>(from->__jmpbuf[place_of_stack]);
  };
  return kept_at(to) ^ kept_at(here) ^ stack_here;
}

/// The system gives it only to handlers with SA_SIGINFO. It lies behind the signal's
/// description, where the stack was as the handler began.
[[gnu::always_inline]] inline ucontext_t* interrupted_by(void*) noexcept {
  auto* const frame = static_cast<char*>(__builtin_dwarf_cfa());
  return reinterpret_cast<ucontext_t*>(frame + sizeof(siginfo_t));
}

/// The system finds it there.
[[noreturn]] inline void resume(ucontext_t* interrupted) noexcept {
  const auto* const frame = reinterpret_cast<const char*>(interrupted) - sizeof(siginfo_t);
  register long number asm("x8") = SYS_rt_sigreturn;
  asm volatile(
      "mov sp, %0\n\t"
      "svc 0"
      :
      : "r"(frame), "r"(number)
      : "memory");
  __builtin_unreachable();
}

// A handler that comes between makes the store fail, and it is done again.
inline void add_at_once(int& to, int by) noexcept {
  __atomic_fetch_add(&to, by, __ATOMIC_RELAXED);
  asm volatile("" ::: "memory");
}
inline bool subtract_at_once(int& from, int by) noexcept {
  asm volatile("" ::: "memory");
  const bool is_negative = __atomic_sub_fetch(&from, by, __ATOMIC_RELAXED) < 0;
  asm volatile("" ::: "memory");
  return is_negative;
}

}  // namespace connarena::shim::processor
