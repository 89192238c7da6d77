// processor_x86_64.hpp - see processor.hpp.
#pragma once

#include <cpuid.h>

namespace connarena::processor {

inline void rest_a_moment() noexcept { __builtin_ia32_pause(); }

inline long call_system(long number, const void* first, long second, long third,
                        const void* fourth_argument = nullptr, long fifth_argument = 0) noexcept {
  long result = number;
  register const void* fourth asm("r10") = fourth_argument;
  register long fifth asm("r8") = fifth_argument;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(first), "S"(second), "d"(third), "r"(fourth), "r"(fifth)
               : "rcx", "r11", "memory");
  return result;
}

inline const char* thread_pointer() noexcept {
  const char* pointer;
  asm("mov %%fs:0, %0" : "=r"(pointer));
  return pointer;
}

/// Unless it tells others to flush addresses by a broadcast.
inline bool interrupts_to_unmap() noexcept {
  constexpr unsigned leaf = 0x80000008;
  constexpr unsigned invlpgb = 1u << 3;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid(leaf, &eax, &ebx, &ecx, &edx) == 0 || (ebx & invlpgb) == 0;
}

}  // namespace connarena::processor
