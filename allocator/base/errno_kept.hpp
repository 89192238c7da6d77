// errno_kept.hpp - a stretch after which errno is what it was before.
#pragma once

#include <cerrno>

namespace connarena {

class errno_kept {
 public:
  errno_kept() noexcept = default;
  errno_kept(const errno_kept&) = delete;
  errno_kept& operator=(const errno_kept&) = delete;
  ~errno_kept() { errno = saved_; }

 private:
  int saved_ = errno;
};

}  // namespace connarena
