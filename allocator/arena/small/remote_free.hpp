// remote_free.hpp - blocks freed by threads that are not inside their lane.
//
// Any thread may push; whoever is inside the lane takes the whole list in one
// exchange, so no thread ever pops a single block (hence no ABA).
// Invariant: a freed block is on exactly one list, local or remote.
//
// A page can leave the lane between a thread's look at its owner and its push:
// the pusher looks again afterwards, and passes the whole list on if it moved.
// Whoever collects passes blocks of other owners on too.
#pragma once

#include <connarena/connarena.h>

#include "arena/lane/lane.hpp"

namespace connarena {

/// Frees a small block from any thread. True if it was a survivor. What is no
/// live block ends the process.
bool free_from_any_thread(granule_index block) noexcept;

/// How a free for another thread went.
enum class sent_free : std::uint8_t { none, was_live, was_survivor };

/// Frees a block of a class that lives in an arena on a lane that another thread
/// owns. None, with nothing done, if that is not what it is.
[[nodiscard]] sent_free free_for_owner(granule_index block, size_class index,
                                       connarena_t arena) noexcept;

}  // namespace connarena
