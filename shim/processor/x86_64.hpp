// x86_64.hpp - see processor.hpp.
#pragma once

#include <elf.h>
#include <linux/audit.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include <csetjmp>
#include <cstdint>

namespace connarena::shim::processor {

inline constexpr std::uint32_t filter_architecture = AUDIT_ARCH_X86_64;
inline constexpr unsigned elf_machine = EM_X86_64;

inline std::uintptr_t stack_after(const __jmp_buf_tag* to) noexcept {
  constexpr int place_of_stack = 6;
  auto stack = static_cast<std::uintptr_t>(to->__jmpbuf[place_of_stack]);
  asm("ror $17, %0\n\t"
      "xor %%fs:0x30, %0"
      : "+r"(stack)
      :
      : "cc");
  return stack;
}

/// The system gives it to every handler.
[[gnu::always_inline]] inline ucontext_t* interrupted_by(void* context) noexcept {
  return static_cast<ucontext_t*>(context);
}

[[noreturn]] inline void resume(ucontext_t* interrupted) noexcept {
  asm volatile(
      "mov %0, %%rsp\n\t"
      "syscall"
      :
      : "r"(interrupted), "a"(SYS_rt_sigreturn)
      : "memory");
  __builtin_unreachable();
}

inline void add_at_once(int& to, int by) noexcept {
  asm volatile("addl %1, %0" : "+m"(to) : "ri"(by) : "cc", "memory");
}
inline bool subtract_at_once(int& from, int by) noexcept {
  bool is_negative = false;
  asm volatile("subl %2, %0" : "+m"(from), "=@ccs"(is_negative) : "ri"(by) : "memory");
  return is_negative;
}

}  // namespace connarena::shim::processor
