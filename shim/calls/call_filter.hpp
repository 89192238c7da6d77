// call_filter.hpp - what a filter of system calls, as seccomp takes it, will say to a
// call.
//
// Such a filter is a program of the classic packet filter over one record. It is run
// here as the kernel will, before it is in force: a call that it answers by killing the
// process cannot be tried.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <linux/filter.h>

namespace connarena::shim {

enum class verdict : unsigned char {
  runs,
  fails,    ///< with an error code
  disturbs  ///< the process: it ends, gets a signal, or is stopped for another
};

/// The filter's answer to a call with these arguments; what is not given is 0.
[[nodiscard]] verdict verdict_of(const sock_fprog& filter, long call,
                                 std::initializer_list<std::uint64_t> arguments) noexcept;

}  // namespace connarena::shim
