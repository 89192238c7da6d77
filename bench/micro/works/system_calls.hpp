// system_calls.hpp - how many system calls this thread makes in a stretch.
//
// A child process traces the thread meanwhile, so a stretch takes longer than without,
// and is not one to be timed.
#pragma once

#include <sys/types.h>

namespace micro {

class traced_stretch {
 public:
  /// Fails: is_traced() is false, where one process may not trace another.
  traced_stretch() noexcept;
  traced_stretch(const traced_stretch&) = delete;
  traced_stretch& operator=(const traced_stretch&) = delete;

  [[nodiscard]] bool is_traced() const noexcept { return is_traced_; }

  /// System calls since the construction, and some of this class's own: the same number
  /// each time.   Pre: is_traced(); called once.
  [[nodiscard]] long end() noexcept;

 private:
  [[nodiscard]] bool order() noexcept;

  pid_t tracer_ = -1;
  int to_tracer_ = -1;
  int from_tracer_ = -1;
  bool is_traced_ = false;
};

/// Less than 0 where nothing can be traced.
template <typename Stretch>
[[nodiscard]] double system_calls_in(Stretch stretch) {
  traced_stretch empty;
  if (!empty.is_traced()) return -1;
  const long own = empty.end();
  traced_stretch whole;
  if (!whole.is_traced()) return -1;
  stretch();
  return static_cast<double>(whole.end() - own);
}

}  // namespace micro
