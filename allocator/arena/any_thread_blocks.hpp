// any_thread_blocks.hpp - small blocks of an arena for any thread, for every API: the fast
// paths of a lane's owner, which make no atomic read-modify-write, those of a lane that
// nobody owns, which make one, and how a thread becomes an owner.
//
// A thread that never was inside the core owns nothing: it does not register here.
#pragma once

#include <connarena/connarena.h>

#include "arena/arenas.hpp"
#include "arena/lane/access.hpp"
#include "arena/small/remote_free.hpp"
#include "arena/small/small_blocks.hpp"
#include "heap/slow_calls.hpp"

namespace connarena {

/// Whether a lane that its owner is inside is of an arena: then it is open.
[[nodiscard]] inline bool is_open_as(const lane& in, connarena_t arena) noexcept {
  return in.generation.load(std::memory_order_relaxed) == generation_of(arena);
}

/// A block of a class, if the calling thread owns the lane, the lane is of the arena,
/// and a block is at hand. Else null, with nothing done.
[[nodiscard, gnu::always_inline]] inline void* take_as_owner(lane& in, connarena_t arena,
                                                             live_mark mark) noexcept {
  thread_slot* const self = known_thread();
  if (self == nullptr || !enter_as_owner(in, *self)) [[unlikely]]
    return nullptr;
  void* const block = is_open_as(in, arena) ? take_ready(in, mark) : nullptr;
  leave_as_owner(*self);
  return block;
}

/// The same from a lane that nobody owns, or a second lane that the thread owns: the
/// arena's lane where it met nobody last.
[[nodiscard]] void* take_beside_owner(lane& first, connarena_t arena, live_mark mark) noexcept;

/// A small block that is not at hand in the first lane, or not the thread's to take:
/// from whichever lane it works on. Null with errno ENOMEM or ESTALE. Pre: fits_small.
[[nodiscard]] void* take_for_any_thread(lane& first, connarena_t arena, std::size_t size_bytes,
                                        std::size_t alignment) noexcept;

/// Reports for an owner that is not inside any more; the arena may have ended.
void report_as_owner(lane& in, connarena_t arena) noexcept;

/// Frees a block by `put`, which says whether it could. False, with nothing done, if not,
/// or if the calling thread does not own the lane, or the arena has ended.
template <typename Put>
[[nodiscard, gnu::always_inline]] inline bool give_as_owner(lane& in, connarena_t arena,
                                                            Put put) noexcept {
  thread_slot* const self = known_thread();
  if (self == nullptr || !enter_as_owner(in, *self)) [[unlikely]]
    return false;
  const bool is_done = is_open_as(in, arena) && put();
  const bool is_due = is_done && is_report_due(in);
  leave_as_owner(*self);
  if (is_due) [[unlikely]]
    report_as_owner(in, arena);
  return is_done;
}

/// The same in a lane that nobody owns. False, too, if somebody is inside, or asks for it.
template <typename Put>
[[nodiscard, gnu::always_inline]] inline bool give_by_guard(lane& in, connarena_t arena,
                                                            Put put) noexcept {
  if (!is_open_as(in, arena) || !in.guard.try_acquire(lock_rank::lane)) return false;
  const bool is_free = in.owner.load(std::memory_order_relaxed) == 0;
  const bool is_done = is_free && is_open_as(in, arena) && put();
  leave_after_free(in, is_done);
  return is_done;
}

/// Frees a block of a class in a lane of the arena that the calling thread does not own.
[[nodiscard]] bool give_beside_owner(const lane& first, connarena_t arena, void* block,
                                     live_mark mark) noexcept;

/// Frees a block of a class that lies in pages of the lane.
[[nodiscard, gnu::always_inline]] inline bool give_as_owner(lane& in, connarena_t arena,
                                                            void* block, live_mark mark) noexcept {
  return give_as_owner(in, arena, [&] { return put_back(in, block, mark); });
}

/// Frees a block in pages of a lane that the calling thread owns, whatever arena that is of,
/// if the block's mark is as `is_right` wants it. False, with nothing done, if not.
template <typename IsRight>
[[nodiscard, gnu::always_inline]] inline bool give_own(granule_index at, void* block,
                                                       IsRight is_right) noexcept {
  thread_slot* const self = known_thread();
  std::atomic<std::uint32_t>& owner = region.owners[page_of(at)];
  const std::uint32_t seen = owner.load(std::memory_order_relaxed);
  if (self == nullptr || kind_of(seen) != page_kind::small) [[unlikely]]
    return false;
  lane& in = lane_at(index_of(seen));
  // Looked at before anything is written: many a lane has no owner.
  const bool is_own = in.owner.load(std::memory_order_relaxed) == id_of(self);
  if (!is_own || !enter_as_owner(in, *self)) [[unlikely]]
    return false;
  const live_mark mark = region.granules[at];
  const bool is_done = is_right(mark) && put_back_of(in, owner, at, block, mark);
  const bool is_due = is_done && is_report_due(in);
  const connarena_t arena = is_due ? make_handle(in.generation, in.first_lane) : 0;
  leave_as_owner(*self);
  if (is_due) [[unlikely]]
    report_as_owner(in, arena);
  return is_done;
}

/// The same of any live block, and of a live one of a class.
[[nodiscard, gnu::always_inline]] inline bool give_own(granule_index at, void* block) noexcept {
  return give_own(at, block,
                  [](live_mark seen) { return (seen & granule::state_mask) == granule::live; });
}
[[nodiscard, gnu::always_inline]] inline bool give_own_of(granule_index at, void* block,
                                                          live_mark mark) noexcept {
  return give_own(at, block, [mark](live_mark seen) { return seen == mark; });
}

}  // namespace connarena
