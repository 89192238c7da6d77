// sandbox.hpp - what is done around a call by which a program forbids itself calls, whether
// it is prctl or a bare system call.
#pragma once

namespace connarena::shim {

/// Before the call: seccomp's mode, and the filter that goes with it, which may be null.
void note_mode(unsigned long mode, const void* filter) noexcept;

}  // namespace connarena::shim
