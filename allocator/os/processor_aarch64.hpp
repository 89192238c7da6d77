// processor_aarch64.hpp - see processor.hpp.
#pragma once

namespace connarena::processor {

/// `yield` does nothing on most of them; this waits for some tens of cycles.
inline void rest_a_moment() noexcept { asm volatile("isb" ::: "memory"); }

inline long call_system(long number, const void* first, long second, long third,
                        const void* fourth_argument = nullptr, long fifth_argument = 0) noexcept {
  register long called asm("x8") = number;
  register const void* result asm("x0") = first;
  register long second_word asm("x1") = second;
  register long third_word asm("x2") = third;
  register const void* fourth asm("x3") = fourth_argument;
  register long fifth asm("x4") = fifth_argument;
  asm volatile("svc 0"
               : "+r"(result)
               : "r"(called), "r"(second_word), "r"(third_word), "r"(fourth), "r"(fifth)
               : "memory");
  return reinterpret_cast<long>(result);
}

inline const char* thread_pointer() noexcept {
  const char* pointer;
  asm("mrs %0, tpidr_el0" : "=r"(pointer));
  return pointer;
}

/// It tells others to flush addresses by a broadcast.
inline bool interrupts_to_unmap() noexcept { return false; }

}  // namespace connarena::processor
