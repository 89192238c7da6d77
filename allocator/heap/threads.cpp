#include "heap/threads.hpp"

#include "base/beside.hpp"
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
    take_share(slots[index]);
    slots[index].inside.store(nullptr, std::memory_order_relaxed);
    slots[index].id.store((++serial << slot_bits) | index, std::memory_order_relaxed);
  }
  thread_slot& slot = slots[index];
  os::on_thread_exit(end_thread, &slot);
  current_slot = &slot;
  known_slot = &slot;
  return slot;
}

void leave_slot(thread_slot& slot) noexcept {
  current_slot = &slots[0];
  known_slot = nullptr;
  // release: pairs with the acquire in is_alive
  slot.id.store(0, std::memory_order_release);
  const lock_guard guard(registering, lock_rank::threads);
  free_slots[free_count++] = index_of_slot(slot);
}

void abandon_other_slots(void (*lose)(thread_slot&)) noexcept {
  registering.reset(lock_rank::threads);
  for (std::uint32_t i = 1; i < slots_used; ++i) {
    thread_slot& slot = slots[i];
    if (&slot == current_slot || !slot.is_registered()) continue;
    slot.id.store(0, std::memory_order_relaxed);
    lose(slot);
  }
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
  // acquire: pairs with the release in leave_slot
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

}  // namespace connarena
