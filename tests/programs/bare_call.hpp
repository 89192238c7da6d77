// bare_call.hpp - a system call that no library sees.
#pragma once

#include <sys/syscall.h>

namespace programs {

/// Closes a descriptor; 0 or a negative error code.
inline long close_unseen(int fd) {
  long result = SYS_close;
  asm volatile("syscall" : "+a"(result) : "D"(static_cast<long>(fd)) : "rcx", "r11", "memory");
  return result;
}

}  // namespace programs
