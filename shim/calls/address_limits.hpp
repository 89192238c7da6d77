// address_limits.hpp - what is done after a call that has limited the address space, whether
// it is the C library's function or a bare system call.
#pragma once

#include <sys/resource.h>

namespace connarena::shim {

/// The process has a new limit. The reservation counts against it: the program's next
/// thread must still find room for its stack.
void note_address_limit(unsigned long bytes) noexcept;

[[nodiscard]] bool is_calling_process(long process) noexcept;

/// `result` of a call that sets a limit of the calling process, which is returned. Where it
/// succeeded, the system has read what `limit` points to.
template <typename Result, typename Limit>
Result limited(Result result, int resource, const Limit* limit) noexcept {
  if (result == 0 && resource == RLIMIT_AS && limit != nullptr && limit->rlim_cur != RLIM_INFINITY)
    note_address_limit(limit->rlim_cur);
  return result;
}

}  // namespace connarena::shim
