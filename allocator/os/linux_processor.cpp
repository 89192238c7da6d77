// linux_processor.cpp - the part of os.hpp that says where a thread runs.
#include <cstddef>

#include "os/os.hpp"
#include "os/processor.hpp"

// What the C library says of the area for restartable sequences (rseq(2)) that it has
// registered for each thread: <sys/rseq.h>, from glibc 2.35 on.
extern "C" {
extern const std::ptrdiff_t __rseq_offset [[gnu::weak]];
extern const unsigned int __rseq_size [[gnu::weak]];
}

namespace connarena::os {

std::int32_t current_processor() noexcept {
  if (&__rseq_size == nullptr || __rseq_size == 0) return -1;
  constexpr std::ptrdiff_t place_in_area = 4;  // where the kernel keeps the number
  const char* const area = processor::thread_pointer() + __rseq_offset;
  return __atomic_load_n(reinterpret_cast<const std::int32_t*>(area + place_in_area),
                         __ATOMIC_RELAXED);
}

}  // namespace connarena::os
