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

#include "arena/lane/free_result.hpp"
#include "arena/lane/lane.hpp"

namespace connarena {

/// Frees a small block from any thread. What is no live block ends the process.
free_result free_from_any_thread(granule_index block) noexcept;

}  // namespace connarena
