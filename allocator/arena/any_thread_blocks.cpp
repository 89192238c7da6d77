#include "arena/any_thread_blocks.hpp"

#include <cerrno>

#include "arena/lane/footprint.hpp"
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

[[gnu::noinline]] void* take_from_its_lane(lane& first, connarena_t arena, std::size_t size_bytes,
                                           std::size_t alignment) noexcept {
  const thread_id self = this_thread().id.load(std::memory_order_relaxed);
  void* block = nullptr;
  for (lane* const each : {&first, second_of(first)}) {
    const bool is_own = each != nullptr && each->owner.load(std::memory_order_relaxed) == self;
    if (is_own && take_small_inside(*each, arena, size_bytes, alignment, block)) return block;
  }
  const thread_id owner = first.owner.load(std::memory_order_relaxed);
  if (owner == 0 || owner == self || !is_alive(owner)) {
    const visit inside(first);
    if (!is_of(first, arena)) return fail(ESTALE);
    claim(first);
    collect_remote(first);
    if (first.owner.load(std::memory_order_relaxed) == self || self == 0 || !owners_possible()) {
      return take_small(first, size_bytes, alignment);
    }
  }
  lane* const second = second_lane(first, arena);
  if (second == nullptr) return fail(is_of(first, arena) ? ENOMEM : ESTALE);
  const visit inside(*second);
  if (!is_of(*second, arena)) return fail(ESTALE);
  claim(*second);
  collect_remote(*second);
  return take_small(*second, size_bytes, alignment);
}

[[gnu::noinline]] void* take_under_limit(lane& first, connarena_t arena, std::size_t size_bytes,
                                         std::size_t alignment) noexcept {
  void* const block = take_from_its_lane(first, arena, size_bytes, alignment);
  if (block != nullptr || errno != ENOMEM || !shed_arena(first, arena)) [[likely]]
    return block;
  return take_from_its_lane(first, arena, size_bytes, alignment);
}

}  // namespace

void* take_for_any_thread(lane& first, connarena_t arena, std::size_t size_bytes,
                          std::size_t alignment) noexcept {
  return has_limit(first) ? take_under_limit(first, arena, size_bytes, alignment)
                          : take_from_its_lane(first, arena, size_bytes, alignment);
}

void report_as_owner(lane& in, connarena_t arena) noexcept {
  const visit inside(in);
  if (is_of(in, arena)) report_if_due(in);
}

}  // namespace connarena
