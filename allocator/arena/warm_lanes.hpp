// warm_lanes.hpp - lanes that a thread keeps whole when their arenas end, for its next ones:
// with the first block, and the newest span of pages.
//
// A warm lane is closed, and nothing of it is marked: a late free is found there as in any
// page without a block. Nobody works in it, but its pages still name it as their owner.
// They count as what the thread caches, and are at most a quarter of that. A lane that
// others' survivors lie in is never kept, nor one where the thread may keep nothing.
//
// Threads: the slot's own.
#pragma once

#include "arena/lane/lane.hpp"
#include "heap/threads.hpp"

namespace connarena {

/// Who had more pages does not notice what it costs to end them.
inline constexpr std::uint32_t most_pages_of_warm = 64;

/// Whether the thread may keep another lane.
[[nodiscard]] inline bool has_place(const thread_slot& self) noexcept {
  return self.warm.count < index_stack::room && self.most_cached_bytes != 0;
}

/// Whether a lane that ends may be kept: then become_warm() ends its spans.
[[nodiscard]] inline bool may_keep_warm(const lane& in, const thread_slot& self) noexcept {
  return has_place(self) && in.spans != 0 && !in.has_mixed && !in.has_marks &&
         in.small_pages.load(std::memory_order_relaxed) <= most_pages_of_warm;
}

/// Closes a lane, ends what lives there, and gives back what it does not keep.
/// Pre: the caller is inside, and the lane is out of the account.
void become_warm(lane& in, thread_slot& self) noexcept;

/// Closes a plain lane, in which whatever lives ends, so that it can be kept: its words change
/// no more than its use changed them. Refused, with nothing done, if it is not plain or cannot
/// be kept. Pre: the caller is inside.
enum class plain_end : std::uint8_t {
  not_done,
  quiet,  ///< the counts that threads share are as they were
  told,
};
[[nodiscard]] plain_end end_plain(lane& in, thread_slot& self) noexcept;

namespace detail {
void cool(lane& in, thread_slot& self) noexcept;
}  // namespace detail

/// Keeps a lane that has become warm and is left.
inline void keep_warm(lane& in, thread_slot& self) noexcept {
  if (self.warm.count == index_stack::room) [[unlikely]]
    return detail::cool(in, self);
  self.warm.indices[self.warm.count++] = in.index;
}

/// The lane that was kept last, for an arena without a limit. Null if there is none, or if the
/// arena had better start otherwise.
[[nodiscard]] lane* take_warm(thread_slot& self, bool any_thread) noexcept;

/// Gives back what the thread has not wanted for a whole epoch: `epoch` counts them.
void give_back_unwanted(thread_slot& self, std::uint32_t epoch) noexcept;

/// See base/checked.hpp. The lanes that a thread keeps. Pre: it is still.
void check_warm(const thread_slot& of) noexcept;

}  // namespace connarena
