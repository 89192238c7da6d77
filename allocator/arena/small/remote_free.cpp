#include "arena/small/remote_free.hpp"

#include "arena/lane/access.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/lane/lone_lane.hpp"
#include "arena/small/donation.hpp"
#include "arena/small/faults.hpp"
#include "arena/small/granules.hpp"
#include "arena/small/outboxes.hpp"
#include "arena/small/remote_list.hpp"
#include "arena/small/small_blocks.hpp"
#include "heap/retirement.hpp"
#include "heap/slow_calls.hpp"

namespace connarena {
namespace {

/// A block that looked live has none: it was retired meanwhile, or never lived.
std::uint8_t found_ended(granule_index block) noexcept {
  // acquire: pairs with the release in end_live
  static_cast<void>(std::atomic_ref(region.granules[block]).load(std::memory_order_acquire));
  if (!is_retired(page_of(block))) die_of_bad_block(granule_address(block));
  return 0;
}

/// Claims a block's free for this thread: exactly one caller gets it. 0: it was retired.
std::uint8_t claim_free(granule_index block) noexcept {
  const std::atomic_ref mark(region.granules[block]);
  std::uint8_t seen = mark.load(std::memory_order_relaxed);
  for (;;) {
    const std::uint8_t state = seen & granule::state_mask;
    const auto index = static_cast<std::uint8_t>(seen & granule::class_mask);
    std::uint8_t freed = 0;
    if (state == granule::live) {
      freed = granule::remote | index;
    } else if (state == (granule::live | granule::survivor)) {
      freed = granule::remote_survivor | index;
    } else {
      return found_ended(block);
    }
    if (mark.compare_exchange_weak(seen, freed, std::memory_order_relaxed)) return freed;
  }
}

/// Of an unowned page.
free_result free_late(granule_index block) noexcept {
  if (!is_retired(page_of(block))) die_of_bad_block(granule_address(block));
  note_late_free();
  return free_result::late;
}

void pass_all_on(lane& from) noexcept;

/// Passes a freed block on to whoever owns its page by now. Takes no lane's guard:
/// the caller may be inside one.
void pass_on(granule_index block) noexcept {
  const std::atomic_ref mark(region.granules[block]);
  const auto index = static_cast<size_class>(mark_at(block) & granule::class_mask);
  for (;;) {
    const std::uint32_t owner = owner_at(block).load(std::memory_order_seq_cst);
    if (kind_of(owner) == page_kind::donated) {
      mark.store(static_cast<std::uint8_t>(granule::live | granule::survivor | index),
                 std::memory_order_relaxed);
      if (free_donated(block) != free_result::none) return;
      mark.store(static_cast<std::uint8_t>(granule::remote_survivor | index),
                 std::memory_order_relaxed);
      continue;
    }
    if (is_retired(page_of(block))) return note_late_free();
    if (kind_of(owner) != page_kind::small) die_of_bad_block(granule_address(block));
    lane& to = lane_at(index_of(owner));
    static_cast<void>(push_remote(to, {block, block, class_granules[index]}));
    if (owner_at(block).load(std::memory_order_seq_cst) != owner) pass_all_on(to);
    return;
  }
}

/// Passes on all that waits in a lane's list: it may have closed for good. What is
/// its own comes back to it.
void pass_all_on(lane& from) noexcept {
  for (granule_index block = take_remote(from); block != 0;) {
    const granule_index next = next_remote(block);
    pass_on(block);
    block = next;
  }
}

/// Asks the owner to collect what waits; if it has been asked before, and much waits by now,
/// the caller does.
[[gnu::noinline]] void have_collected(lane& in) noexcept {
  const bool has_come = in.guard.ask();
  const std::uint64_t waiting_granules = in.remote.load(std::memory_order_relaxed) >> 32;
  if (!has_come && waiting_granules >= most_waiting_granules) {
    const visit inside(in, visit_to::work);
    collect_remote(in);
  }
  pass_time(this_thread());
}

/// Does what is left to whoever has pushed blocks.
void look_after_passed(const passed_blocks& passed) noexcept {
  if (passed.to == nullptr) return;
  lane& to = *passed.to;
  if (owner_at(passed.first).load(std::memory_order_seq_cst) != to.tag) {
    pass_all_on(to);
  } else if (passed.is_step) {
    have_collected(to);
  }
}

free_result end_of_claimed(std::uint8_t mark) noexcept {
  const bool was_survivor = (mark & granule::state_mask) == granule::remote_survivor;
  return was_survivor ? free_result::survivor : free_result::owned;
}

/// Puts a claimed block where whoever is inside its lane finds it.
inline void send(thread_slot* self, lane& to, granule_index block, std::uint8_t mark) noexcept {
  const std::uint32_t granules = class_granules[mark & granule::class_mask];
  if (self != nullptr) return look_after_passed(put_in_outbox(*self, to, block, granules));
  look_after_passed({&to, block, push_remote(to, {block, block, granules})});
}

/// Inlined: to save its registers would cost a tenth of a free.
[[gnu::always_inline]] inline free_result send_to_lane(thread_slot* self, lane& to,
                                                       granule_index block) noexcept {
  const std::uint8_t mark = claim_free(block);
  if (mark == 0) {
    note_late_free();
    return free_result::late;
  }
  send(self, to, block, mark);
  return end_of_claimed(mark);
}

/// Frees a block of a lane that the caller is inside. A report may be due.
free_result free_inside(lane& in, granule_index block) noexcept {
  if (owner_at(block).load(std::memory_order_relaxed) != in.tag) return free_result::none;
  const std::uint8_t mark = region.granules[block];
  const auto index = static_cast<size_class>(mark & granule::class_mask);
  if ((mark & granule::state_mask) == granule::live) {
    free_small(in, block, granule_address(block), mark_of_class(index));
    return free_result::owned;
  }
  if ((mark & granule::live) == 0) die_of_bad_block(granule_address(block));
  free_survivor(in, block, index);
  return free_result::survivor;
}

free_result free_as_only_thread(lane& in, granule_index block) noexcept {
  enter_lone(in);
  const free_result end = free_inside(in, block);
  const bool is_due = report_if_due(in);
  leave_lone(in);
  if (is_due) [[unlikely]]
    pass_time(this_thread());
  return end;
}

free_result free_as_owner(lane& in, granule_index block) noexcept {
  if (!in.any_thread) return free_as_only_thread(in, block);
  thread_slot* const self = known_thread();
  if (self == nullptr || !enter_as_owner(in, *self)) return free_result::none;
  const free_result end = free_inside(in, block);
  const bool is_due = end != free_result::none && report_if_due(in);
  leave_as_owner(*self);
  if (is_due) [[unlikely]]
    pass_time(*self);
  return end;
}

free_result free_as_visitor(lane& in, granule_index block) noexcept {
  const visit inside(in, visit_to::work);
  collect_remote(in);
  const free_result end = free_inside(in, block);
  if (end != free_result::none) report_if_due(in);
  return end;
}

/// Of a lane that no other owns. Whoever finds somebody inside does not wait.
free_result free_by_guard(lane& in, granule_index block) noexcept {
  const auto is_unowned = [&in] { return in.owner.load(std::memory_order_relaxed) == 0; };
  if (is_unowned() && in.guard.try_acquire(lock_rank::lane)) {
    const free_result end = is_unowned() ? free_inside(in, block) : free_result::none;
    // Where the page was passed on, the lane may just be another's to open.
    leave_after_free(in, end != free_result::none);
    return end;
  }
  // At once: whoever is inside looks there soon.
  if (in.guard.is_held()) return send_to_lane(nullptr, in, block);
  const free_result end = free_as_visitor(in, block);
  pass_time(this_thread());
  return end;
}

bool is_kept_by_another(const lane& in) noexcept {
  const thread_id keeper = in.owner.load(std::memory_order_relaxed);
  const thread_id self = this_thread().id.load(std::memory_order_relaxed);
  return keeper != 0 && keeper != self && is_alive(keeper);
}

/// Frees a collected block.
void free_collected(lane& in, granule_index block) noexcept {
  const std::uint8_t mark = mark_at(block);
  const std::uint8_t state = mark & granule::state_mask;
  const auto index = static_cast<size_class>(mark & granule::class_mask);
  // The owner can have freed it at the same moment.
  if (state != granule::remote && state != granule::remote_survivor) {
    if (is_retired(page_of(block))) return note_late_free();
    die_double_free(granule_address(block));
  }
  if (owner_at(block).load(std::memory_order_relaxed) != in.tag) return pass_on(block);
  if (state == granule::remote) {
    free_small(in, block, granule_address(block), mark_of_class(index));
  } else {
    free_survivor(in, block, index);
  }
  report_if_due(in);
}

}  // namespace

[[gnu::noinline]] bool detail::collect_waiting(lane& in) noexcept {
  for (granule_index block = take_remote(in); block != 0;) {
    const granule_index next = next_remote(block);
    free_collected(in, block);
    block = next;
  }
  return true;
}

void detail::pass_outboxes(thread_slot& slot) noexcept {
  if (!slot.is_registered() || !slot.has_outboxes) return;
  slot.has_outboxes = false;
  for (std::uint32_t number = 0; number < outbox::of_thread; ++number) {
    look_after_passed(pass_own_outbox(slot, number));
  }
}

[[gnu::noinline]] void leave_with_more_due(lane& in) noexcept {
  thread_slot& self = this_thread();
  lend_if_due(in, self);
  const bool is_due = report_if_due(in);
  in.guard.release(lock_rank::lane);
  leave_borrowed(self, in);
  if (is_due) pass_time(self);
}

bool send_to_owner(lane& home, granule_index block, live_mark mark) noexcept {
  thread_slot* const self = known_thread();
  if (self == nullptr || !is_kept_by_another(home)) return false;
  const auto freed = static_cast<std::uint8_t>(granule::remote | (mark & granule::class_mask));
  std::uint8_t seen = mark;
  if (!std::atomic_ref(region.granules[block])
           .compare_exchange_strong(seen, freed, std::memory_order_relaxed)) {
    return false;
  }
  send(self, home, block, freed);
  return true;
}

free_result free_from_any_thread(granule_index block) noexcept {
  for (;;) {
    const std::uint32_t owner = owner_at(block).load(std::memory_order_relaxed);
    if (kind_of(owner) == page_kind::donated) {
      const free_result end = free_donated(block);
      if (end == free_result::none) continue;
      pass_time(this_thread());
      return end;
    }
    if (kind_of(owner) != page_kind::small) return free_late(block);
    lane& home = lane_at(index_of(owner));
    free_result end = free_as_owner(home, block);
    if (end == free_result::none) {
      if (is_kept_by_another(home)) return send_to_lane(known_thread(), home, block);
      end = free_by_guard(home, block);
    }
    if (end != free_result::none) return end;
  }
}

}  // namespace connarena
