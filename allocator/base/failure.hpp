// failure.hpp - how a call that gives nothing says why.
#pragma once

#include <cerrno>

namespace connarena {

/// Null, with errno as its reason.
[[nodiscard]] inline void* fail(int error) noexcept {
  errno = error;
  return nullptr;
}

}  // namespace connarena
