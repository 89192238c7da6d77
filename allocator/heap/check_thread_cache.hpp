// check_thread_cache.hpp - what a thread keeps against what the tables say of it.
//
// Threads: the slot's own.
#pragma once

#include "heap/threads.hpp"

namespace connarena {

/// Pre: the build checks invariants.
void check_thread_cache(thread_slot& self) noexcept;

}  // namespace connarena
