// sandbox.hpp - what is done around a call by which a program forbids itself calls, whether
// it is prctl or a bare system call.
//
// What the filter forbids is done without before it is in force: it may kill. Where the
// system refuses the filter, everything is as it was.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

namespace connarena::shim {

class entering_sandbox {
 public:
  /// Before the call: seccomp's mode, and the filter that goes with it. What the system will
  /// refuse for its arguments is not prepared for; an address may be anything.
  entering_sandbox(unsigned long mode, const void* filter) noexcept;
  void is_refused() noexcept;

 private:
  sock_fprog filter_{};  ///< the strict mode has none
  bool is_prepared_ = false;
};

/// Makes the call. One that fails gives a negative number or, where all threads were to enter
/// at once, the number of one that could not.
template <typename Call>
auto entering(unsigned long mode, const void* filter, unsigned long flags, Call call) noexcept {
  entering_sandbox entered(mode, filter);
  const auto result = call();
  const bool gives_descriptor = (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
  if (result < 0 || (result > 0 && !gives_descriptor)) entered.is_refused();
  return result;
}

}  // namespace connarena::shim
