// thread_end.cpp - what a thread has beside its identity: a share of the process's floor
// from its begin, and places, runs and counts to give back when it ends.

#include <utility>

#include "heap/pages.hpp"
#include "heap/retention.hpp"
#include "heap/slot_pool.hpp"
#include "heap/threads.hpp"

namespace connarena {

void detail::take_share(thread_slot& slot) noexcept {
  slot.most_cached_bytes = retention::take_thread_share();
}

void detail::end_thread(void* value) noexcept {
  auto& slot = *static_cast<thread_slot*>(value);
  if (!slot.is_registered()) return;
  const std::uint32_t share = std::exchange(slot.most_cached_bytes, 0);
  pass_outboxes(slot);
  give_back_warm(slot);
  give_back_places(slot);
  give_back_cached(slot);
  retention::flush(slot.counts);
  retention::give_thread_share(share);
  leave_slot(slot);
}

// What other threads had cached stays theirs: they may have been interrupted in
// the middle of it. At most half of the retention floor is lost that way.
bool forget_other_threads() noexcept {
  return detail::abandon_other_slots([](thread_slot& slot) {
    retention::give_thread_share(std::exchange(slot.most_cached_bytes, 0));
  });
}

}  // namespace connarena
