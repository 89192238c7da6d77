// slow_calls.hpp - where a thread that works comes by often enough to see that time passes.
#pragma once

#include "heap/threads.hpp"

namespace connarena {

/// Something slow has been done, outside of every lane and lock. Every so often that
/// looks at the clock, and returns idle memory. Defined by arena/idle_memory.cpp, which
/// enters lanes.
void pass_time(thread_slot& self) noexcept;

}  // namespace connarena
