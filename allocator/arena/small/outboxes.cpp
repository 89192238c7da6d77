#include "arena/small/outboxes.hpp"

#include "arena/lane/footprint.hpp"
#include "arena/lane/idle_lanes.hpp"
#include "heap/retention.hpp"
#include "os/lock_guard.hpp"

namespace connarena {
namespace {

using box_lock = lock_guard<brief_lock>;

outbox& outbox_for(thread_slot& self, std::uint32_t lane) noexcept {
  return self.outboxes[lane % outbox::of_thread];
}

std::int32_t bytes_of_granules(std::uint32_t granules) noexcept {
  return static_cast<std::int32_t>(granules << granule_shift);
}

/// Pre: the outbox's guard is held, so that its lane cannot be made whole meanwhile.
passed_blocks pass(outbox& from) noexcept {
  if (from.first == 0) return {nullptr, 0, false};
  lane& to = lane_at(from.lane);
  const freed_blocks blocks{from.first, from.last, from.granules};
  from.first = 0;
  from.granules = 0;
  return {&to, blocks.first, push_remote(to, blocks)};
}

/// Pre: the outbox's guard is held, and it is empty.
void begin(outbox& in, lane& of, granule_index block) noexcept {
  in.lane = of.index;
  in.last = block;
  if (of.has_outboxes.load(std::memory_order_relaxed)) return;
  of.has_outboxes.store(true, std::memory_order_relaxed);
  note_idle(of);
}

}  // namespace

passed_blocks put_in_outbox(thread_slot& self, lane& to, granule_index block,
                            std::uint32_t granules) noexcept {
  outbox& box = outbox_for(self, to.index);
  const box_lock guard(box.guard, lock_rank::outbox);
  const std::uint32_t before = box.granules;
  passed_blocks passed{nullptr, 0, false};
  if (box.first != 0 && box.lane != to.index) passed = pass(box);
  if (box.first == 0) {
    begin(box, to, block);
    self.has_outboxes = true;
  }
  write_link(granule_address(block), box.first);
  box.first = block;
  box.granules += granules;
  if (box.granules >= waiting_step_granules) passed = pass(box);
  retention::add_in_lanes(bytes_of_granules(box.granules - before), true);
  return passed;
}

/// What was there is counted in the batch of the thread that put it there; this makes it up.
[[gnu::noinline]] void detail::pass_outboxes_to(lane& in) noexcept {
  // The guard orders it before the thread's next look.
  in.has_outboxes.exchange(false, std::memory_order_relaxed);
  for_each_thread([&in](thread_slot& each) {
    outbox& box = outbox_for(each, in.index);
    const box_lock guard(box.guard, lock_rank::outbox);
    if (box.lane != in.index || box.first == 0) return;
    retention::add_in_lanes(-bytes_of_granules(box.granules), true);
    static_cast<void>(pass(box));
  });
}

passed_blocks pass_own_outbox(thread_slot& self, std::uint32_t number) noexcept {
  outbox& box = self.outboxes[number];
  const box_lock guard(box.guard, lock_rank::outbox);
  retention::add_in_lanes(-bytes_of_granules(box.granules), true);
  return pass(box);
}

void forget_outboxes() noexcept {
  for_each_thread([](thread_slot& each) {
    for (outbox& box : each.outboxes) {
      if (!box.guard.is_free()) box.guard.reset(lock_rank::outbox);
      if (box.first != 0) box.first = 0;
      if (box.granules != 0) box.granules = 0;
    }
  });
}

}  // namespace connarena
