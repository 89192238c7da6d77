// left_calls.hpp - waits that a thread leaves without returning from them: where frames
// are unwound, see personality.hpp, and by a jump, see jump_calls.cpp.
#pragma once

namespace connarena::shim {

/// The calling thread has left the calls that it was waiting in, if any.
void end_left_waits() noexcept;

}  // namespace connarena::shim
