// companions.hpp - runs that one thread made in one stretch of work, for whom nothing told.
//
// Most likely they are one connection's: when I/O shows later whose one of them is, the
// others go with it. So the reply that a worker made, and another thread writes, tells whose
// the rest of the worker's runs are.
//
// A bounded table: runs push out others that are told by nothing for long. A wrong entry, as
// of a run that was freed since, costs at most a wrong guess. Threads: any; in handlers, too.
#pragma once

#include <cstddef>

#include "api/core.hpp"

namespace connarena::shim {

// A connection's state, its parser, buffers in both directions and their queues.
inline constexpr std::size_t most_companions = 8;

/// Runs that were made together, of `owner` or of nobody: 0.
void note_companions(const void* const* runs, std::size_t count, core::handle owner) noexcept;
/// I/O has shown that a run is an arena's. Pre: inside the core.
void take_companions(core::handle arena, const void* run) noexcept;

}  // namespace connarena::shim
