// slow_calls.hpp - where a thread that works comes by often enough to see that time passes.
#pragma once

#include "heap/threads.hpp"

namespace connarena {

/// Something slow has been done, outside of every lane and lock. Every so often that
/// looks at the clock, and returns idle memory. Defined by arena/idle_memory.cpp, which
/// enters lanes.
void pass_time(thread_slot& self) noexcept;

/// The same where the counts that threads share are as they were before: whoever changed them
/// last has looked at them.
inline void pass_quiet_time(thread_slot& self) noexcept {
  if ((self.slow_calls + 1) % slow_calls_a_look != 0 && self.is_registered()) [[likely]] {
    ++self.slow_calls;
  } else {
    pass_time(self);
  }
}

}  // namespace connarena
