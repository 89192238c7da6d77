// remote_free.hpp - blocks freed by threads that are not inside their lane.
//
// Any thread may push; whoever is inside the lane takes the whole list in one
// exchange, so no thread ever pops a single block (hence no ABA).
// Invariant: a freed block is on exactly one list, local or remote.
//
// A page can leave the lane between a thread's look at its owner and its push:
// the pusher looks again afterwards, and passes the whole list on if it moved.
// Whoever collects passes blocks of other owners on too. Of blocks that are pushed
// together one look is enough: a lane collects a last time when all of its pages have
// moved, so if the push came after that, the first block's page has moved as well.
#pragma once

#include "arena/lane/access.hpp"
#include "arena/lane/free_result.hpp"
#include "arena/lane/lane.hpp"
#include "arena/small/small_blocks.hpp"

namespace connarena {

/// Frees a small block from any thread. What is no live block ends the process.
free_result free_from_any_thread(granule_index block) noexcept;

/// Whether who has freed a block in a lane that nobody owns has more to do before it leaves.
[[nodiscard]] inline bool is_more_due(const lane& in) noexcept {
  const thread_slot* const self = known_thread();
  const bool has_borrowed = self != nullptr && self->borrowed != 0;
  return is_report_due(in) || is_lending_due(in) || has_borrowed;
}
/// Does that, and leaves: it reports, borrows the lane, where that is possible, or gives back
/// another.
void leave_with_more_due(lane& in) noexcept;
/// Gives back the guard of a lane that nobody owns, where something was freed or nothing.
[[gnu::always_inline]] inline void leave_after_free(lane& in, bool has_freed) noexcept {
  if (has_freed && is_more_due(in)) [[unlikely]]
    return leave_with_more_due(in);
  in.guard.release(lock_rank::lane);
}

/// Frees a live block of a class in a page of a lane that another thread owns. False, with
/// nothing done, if it is none, or nobody else owns the lane.
[[nodiscard]] bool send_to_owner(lane& home, granule_index block, live_mark mark) noexcept;

}  // namespace connarena
