#include "arena/any_thread_blocks.hpp"

#include <cerrno>

#include "arena/limits.hpp"
#include "arena/small/granules.hpp"
#include "arena/small/remote_free.hpp"
#include "base/failure.hpp"

namespace connarena {
namespace {

void* take_small(lane& in, std::size_t size_bytes, std::size_t alignment) noexcept {
  if (alignment <= granule_bytes) return allocate_small(in, mark_of_size(size_bytes));
  return allocate_small_aligned(in, size_bytes, alignment);
}

/// A small block from a lane that the thread owns. False if it does not.
[[nodiscard]] bool take_small_inside(lane& in, connarena_t arena, std::size_t size_bytes,
                                     std::size_t alignment, void*& block) noexcept {
  thread_slot* const self = known_thread();
  if (self == nullptr || !enter_as_owner(in, *self)) return false;
  block = is_of(in, arena) ? take_small(in, size_bytes, alignment) : fail(ESTALE);
  leave_as_owner(*self);
  return true;
}

bool is_owned_by(const lane& in, thread_id id) noexcept {
  return in.owner.load(std::memory_order_relaxed) == id;
}

/// A block at hand in a shared lane where something else is to be done besides: the thread has
/// come after another, or may have the lane from here on. Gives the guard back.
[[gnu::noinline]] void* take_on_coming(lane& in, thread_slot& self, live_mark mark) noexcept {
  become_owner(in);
  void* const block = take_ready(in, mark);
  in.guard.release(lock_rank::lane);
  leave_borrowed(self, in);
  return block;
}

/// A block at hand in a lane that nobody owns; then the thread owns or borrows it, where that
/// is possible.
void* take_by_guard(lane& in, connarena_t arena, thread_slot& self, live_mark mark) noexcept {
  if (!is_open_as(in, arena) || !in.guard.try_acquire(lock_rank::lane)) return nullptr;
  void* block = nullptr;
  if (is_open_as(in, arena) && is_owned_by(in, 0)) {
    if (in.hands.changes < most_changes) {
      become_owner(in);
    } else if (is_lending_due(in) || self.borrowed != 0 ||
               !goes_on(in, self.id.load(std::memory_order_relaxed))) {
      return take_on_coming(in, self, mark);
    }
    block = take_ready(in, mark);
  }
  in.guard.release(lock_rank::lane);
  return block;
}

/// The lane that a thread works in: its own, else the one where it met nobody last.
lane& lane_of_thread(lane& first, const thread_slot& self) noexcept {
  lane* const second = second_of(first);
  if (second == nullptr) [[likely]]
    return first;
  const thread_id id = self.id.load(std::memory_order_relaxed);
  if (is_owned_by(first, id)) return first;
  return is_owned_by(*second, id) || self.prefers_second_lanes ? *second : first;
}

// A holder that was preempted is met by chance; and who only frees in a lane is met there as
// well, by a thread that is better off to stay. Four threads at once in one arena took 16 ns
// a block where each moved after 16, 7 to 18 after 256; one alone takes 5.8.
constexpr std::uint32_t meetings_before_a_move = 256;

/// The arena's other lane, for a thread that finds somebody inside one. Null if it had
/// better wait.
lane* lane_beside(lane& first, const lane& crowded, connarena_t arena) noexcept {
  lane* other = &crowded == &first ? second_of(first) : &first;
  if (other == nullptr) return second_lane(first, arena);
  return is_owned_by(*other, 0) && !other->guard.is_held() ? other : nullptr;
}

/// The lane to work in, where a block is not at hand or somebody may be inside.
lane& choose_lane(lane& first, connarena_t arena, thread_slot& self) noexcept {
  lane& usual = lane_of_thread(first, self);
  if (!is_owned_by(usual, 0) || !usual.guard.is_held()) return usual;
  if (!self.is_registered() || ++self.meetings % meetings_before_a_move != 0) return usual;
  lane* const other = lane_beside(first, usual, arena);
  if (other == nullptr) return usual;
  self.prefers_second_lanes = other != &first;
  return *other;
}

void* take_as_visitor(lane& in, connarena_t arena, std::size_t size_bytes,
                      std::size_t alignment) noexcept {
  leave_borrowed(this_thread(), in);
  const visit inside(in, visit_to::work);
  if (!is_of(in, arena)) return fail(ESTALE);
  become_owner(in);
  collect_remote(in);
  return take_small(in, size_bytes, alignment);
}

[[gnu::noinline]] void* take_from_its_lane(lane& first, connarena_t arena, std::size_t size_bytes,
                                           std::size_t alignment) noexcept {
  if (!is_of(first, arena)) return fail(ESTALE);
  thread_slot& self = this_thread();
  lane& in = choose_lane(first, arena, self);
  const bool is_own = is_owned_by(in, self.id.load(std::memory_order_relaxed));
  void* block = nullptr;
  if (is_own && take_small_inside(in, arena, size_bytes, alignment, block)) return block;
  block = take_as_visitor(in, arena, size_bytes, alignment);
  pass_time(self);
  return block;
}

[[gnu::noinline]] void* take_small_under_limit(lane& first, connarena_t arena,
                                               std::size_t size_bytes,
                                               std::size_t alignment) noexcept {
  return take_under_limit(first, arena,
                          [&] { return take_from_its_lane(first, arena, size_bytes, alignment); });
}

}  // namespace

[[gnu::noinline]] void* take_beside_owner(lane& first, connarena_t arena, live_mark mark) noexcept {
  thread_slot* const self = known_thread();
  if (self == nullptr) return nullptr;
  lane& in = lane_of_thread(first, *self);
  if (is_owned_by(in, 0)) [[likely]]
    return take_by_guard(in, arena, *self, mark);
  return &in != &first ? take_as_owner(in, arena, mark) : nullptr;
}

[[gnu::noinline]] bool give_beside_owner(const lane& first, connarena_t arena, void* block,
                                         live_mark mark) noexcept {
  // Of an arena of another library not even the address can be looked up.
  if (!is_open_as(first, arena) || !is_small(granule_at(block))) return false;
  const auto at = static_cast<granule_index>(granule_at(block));
  std::atomic<std::uint32_t>& owner = owner_at(at);
  const std::uint32_t seen = owner.load(std::memory_order_relaxed);
  if (kind_of(seen) != page_kind::small) return false;
  lane& home = lane_at(index_of(seen));
  if (!is_owned_by(home, 0)) return is_open_as(home, arena) && send_to_owner(home, at, mark);
  return give_by_guard(home, arena, [&] { return put_back_of(home, owner, at, block, mark); });
}

void* take_for_any_thread(lane& first, connarena_t arena, std::size_t size_bytes,
                          std::size_t alignment) noexcept {
  return has_limit(first) ? take_small_under_limit(first, arena, size_bytes, alignment)
                          : take_from_its_lane(first, arena, size_bytes, alignment);
}

void report_as_owner(lane& in, connarena_t arena) noexcept {
  {
    const visit inside(in);
    if (is_of(in, arena)) report_if_due(in);
  }
  pass_time(this_thread());
}

}  // namespace connarena
