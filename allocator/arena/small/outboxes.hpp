// outboxes.hpp - small blocks that a thread has freed of lanes that others own, until there
// are enough of a lane to pass them on together: one compare-and-swap of a line that the
// lane's owner reads, for 16 KiB instead of for each block.
//
// A thread has a few outboxes, each of one lane at a time. A block in one has its mark in
// the granule table as a block in the lane's remote list has: it is freed, and a second free
// of it is found. It counts as idle memory.
//
// Others empty them, inside the lane, where the lane has to be whole: before it ends, is
// counted, trimmed or swept. A lane says by has_outboxes that there may be some:
//   thread    under the outbox's guard: puts the first block there, then says so
//   others    take the word back, then look under the guard of every thread's outbox
// Either the thread's block is seen there, or the thread says so again.
#pragma once

#include "arena/small/remote_list.hpp"
#include "arena/small/small_blocks.hpp"
#include "heap/threads.hpp"

namespace connarena {

/// What was passed on by a thread that is not inside the lane.
struct passed_blocks {
  lane* to;             ///< null: nothing was
  granule_index first;  ///< as it was pushed
  bool is_step;         ///< as push_remote says
};

/// Puts a block that the thread has claimed into its outbox for a lane. What that passes
/// on, to this lane or to another, the caller looks after, as push_remote says.
[[nodiscard]] passed_blocks put_in_outbox(thread_slot& self, lane& to, granule_index block,
                                          std::uint32_t granules) noexcept;

/// Passes on what is in one of the thread's outboxes. The caller looks after it.
[[nodiscard]] passed_blocks pass_own_outbox(thread_slot& self, std::uint32_t number) noexcept;

namespace detail {
void pass_outboxes_to(lane& in) noexcept;
}  // namespace detail

/// Collects what other threads freed, with what is in their outboxes. True if there was
/// something. Pre: the caller is inside.
inline bool collect_all_remote(lane& in) noexcept {
  if (in.has_outboxes.load(std::memory_order_relaxed)) [[unlikely]]
    detail::pass_outboxes_to(in);
  return collect_remote(in);
}

/// In a forked child: those of threads that did not come along, or that were being emptied.
void forget_outboxes() noexcept;

}  // namespace connarena
