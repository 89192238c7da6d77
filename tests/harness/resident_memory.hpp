// resident_memory.hpp - what a process occupies, as the kernel counts it.
#pragma once

#include <malloc.h>
#include <sys/types.h>

#include <cstddef>

namespace harness {

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;

/// Resident bytes of a process; 0: this one, in pages of getpagesize().
[[nodiscard]] std::size_t resident_bytes(pid_t pid = 0);

/// Resident bytes of this process at the end of a stretch, less at its start.
/// What the test's own lists leave in the C library's heap does not count.
class resident_growth {
 public:
  resident_growth() : start_bytes_(now()) {}
  [[nodiscard]] std::ptrdiff_t bytes() const { return now() - start_bytes_; }

 private:
  [[nodiscard]] static std::ptrdiff_t now() {
    ::malloc_trim(0);
    return static_cast<std::ptrdiff_t>(resident_bytes());
  }

  std::ptrdiff_t start_bytes_;
};

}  // namespace harness
