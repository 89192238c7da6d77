#include "heap/threads.hpp"

#include <utility>

#include "base/beside.hpp"
#include "heap/page_heap.hpp"
#include "heap/retention.hpp"
#include "heap/slot_pool.hpp"
#include "os/lock.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

constexpr std::uint32_t slot_bits = 12;
constexpr std::uint32_t slot_total = 1u << slot_bits;

constinit thread_slot slots[slot_total]{};
lock registering;
// guarded by registering
std::uint32_t slots_used = 1;
std::uint32_t free_slots[slot_total];
std::uint32_t free_count = 0;
std::uint32_t serial = 0;

std::uint32_t index_of_slot(const thread_slot& slot) noexcept {
  return static_cast<std::uint32_t>(&slot - slots);
}

void end_thread(void* value) noexcept {
  auto& slot = *static_cast<thread_slot*>(value);
  if (!slot.is_registered()) return;
  const std::uint32_t share = std::exchange(slot.most_cached_bytes, 0);
  give_back_places(slot);
  give_back_cached(slot);
  retention::flush(slot.counts);
  detail::current_slot = &slots[0];
  detail::known_slot = nullptr;
  retention::give_thread_share(share);
  // release: pairs with the acquire in is_alive
  slot.id.store(0, std::memory_order_release);
  const lock_guard guard(registering, lock_rank::threads);
  free_slots[free_count++] = index_of_slot(slot);
}

}  // namespace

namespace detail {

// Null, so that nothing has to be relocated before the first use: that can come from
// another library's relocation.
constinit thread_local thread_slot* current_slot __attribute__((tls_model("initial-exec"))) =
    nullptr;
constinit thread_local thread_slot* known_slot __attribute__((tls_model("initial-exec"))) = nullptr;

[[gnu::noinline]] thread_slot& register_thread() noexcept {
  current_slot = &slots[0];  // whoever allocates while this runs gets this one
  std::uint32_t index = 0;
  {
    const lock_guard guard(registering, lock_rank::threads);
    if (free_count > 0) {
      index = free_slots[--free_count];
    } else if (slots_used < slot_total) {
      index = slots_used++;
    }
    if (index == 0) return slots[0];
    slots[index].most_cached_bytes = retention::take_thread_share();
    slots[index].inside.store(nullptr, std::memory_order_relaxed);
    slots[index].id.store((++serial << slot_bits) | index, std::memory_order_relaxed);
  }
  thread_slot& slot = slots[index];
  os::on_thread_exit(end_thread, &slot);
  current_slot = &slot;
  known_slot = &slot;
  return slot;
}

}  // namespace detail

void thread_slot::add_unowned(std::int64_t bytes) noexcept {
  if (is_registered()) {
    unowned_bytes.store(unowned_bytes.load(std::memory_order_relaxed) + bytes,
                        std::memory_order_relaxed);
  } else {
    unowned_bytes.fetch_add(bytes, std::memory_order_relaxed);
  }
}

bool is_alive(thread_id id) noexcept {
  // acquire: pairs with the release in end_thread
  return slots[id & (slot_total - 1)].id.load(std::memory_order_acquire) == id;
}

const std::atomic<const void*>& lane_inside(thread_id id) noexcept {
  return slots[id & (slot_total - 1)].inside;
}

std::int64_t unowned_bytes() noexcept {
  std::int64_t sum = 0;
  for (std::uint32_t i = 0; i < read_beside(slots_used); ++i) {
    sum += slots[i].unowned_bytes.load(std::memory_order_relaxed);
  }
  return sum;
}

std::uint64_t thread_cached_bytes() noexcept {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 1; i < read_beside(slots_used); ++i) {
    sum += read_beside(slots[i].cached_bytes);
  }
  return sum;
}

void lock_threads() noexcept { registering.acquire(lock_rank::threads); }
void unlock_threads() noexcept { registering.release(lock_rank::threads); }

// What other threads had cached stays theirs: they may have been interrupted in
// the middle of it. At most half of the retention floor is lost that way.
void forget_other_threads() noexcept {
  registering.reset(lock_rank::threads);
  thread_slot* const self = detail::current_slot;
  for (std::uint32_t i = 1; i < slots_used; ++i) {
    thread_slot& slot = slots[i];
    if (&slot == self || !slot.is_registered()) continue;
    slot.id.store(0, std::memory_order_relaxed);
    retention::give_thread_share(std::exchange(slot.most_cached_bytes, 0));
  }
}

}  // namespace connarena
