// kernel_copy.hpp - a copy into memory that may be no memory any more.
//
// A mapped file that somebody cuts short ends whoever touches it by SIGBUS; where the
// kernel writes there, it says so instead. So what is copied goes through a pipe.
//
// Keeps errno. Usable in signal handlers. Takes two descriptors for the time of the call.
#pragma once

#include <cstddef>

namespace connarena::shim::report {

enum class copied : unsigned char {
  all,
  not_all,    ///< what is mapped there has been cut short
  impossible  ///< no descriptor was free
};

[[nodiscard]] copied copy_by_kernel(void* to, const void* from, std::size_t bytes) noexcept;

}  // namespace connarena::shim::report
