// linux_processor.cpp - the part of os.hpp that says where a thread runs.
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <sys/auxv.h>

#include "base/errno_kept.hpp"
#include "os/os.hpp"
#include "os/processor.hpp"

// What the C library says of the area for restartable sequences (rseq(2)) that it has
// registered for each thread: <sys/rseq.h>, from glibc 2.35 on.
extern "C" {
extern const std::ptrdiff_t __rseq_offset [[gnu::weak]];
extern const unsigned int __rseq_size [[gnu::weak]];
}

namespace connarena::os {
namespace {

// Places in that area, and what the kernel says of its length: from Linux 6.3 on it keeps
// the second, `mm_cid`, for which any library's area is long enough.
constexpr std::ptrdiff_t of_processor = 4;
constexpr std::ptrdiff_t of_number_in_process = 24;
constexpr unsigned long length_entry = 27;  // AT_RSEQ_FEATURE_SIZE

std::ptrdiff_t choose() noexcept {
  const errno_kept kept;
  const bool is_kept = ::getauxval(length_entry) >= of_number_in_process + sizeof(std::int32_t);
  return is_kept ? of_number_in_process : of_processor;
}

}  // namespace

std::int32_t current_processor() noexcept {
  if (&__rseq_size == nullptr || __rseq_size == 0) return -1;
  static constinit std::atomic<std::ptrdiff_t> chosen{0};
  std::ptrdiff_t place = chosen.load(std::memory_order_relaxed);
  if (place == 0) chosen.store(place = choose(), std::memory_order_relaxed);
  if (place == of_processor && has_one_thread()) return 0;
  const char* const number = processor::thread_pointer() + __rseq_offset + place;
  return __atomic_load_n(reinterpret_cast<const std::int32_t*>(number), __ATOMIC_RELAXED);
}

}  // namespace connarena::os
