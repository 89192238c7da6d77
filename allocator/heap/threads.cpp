#include "heap/threads.hpp"

#include "base/beside.hpp"
#include "os/lock.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

constexpr std::uint32_t slot_bits = 12;
constexpr std::uint32_t slot_total = 1u << slot_bits;

// Few programs have more threads. The slots of further ones are committed when they come.
constexpr std::uint32_t early_slots = 64;
static_assert(early_slots * sizeof(thread_slot) % page_bytes == 0);
constinit thread_slot early[early_slots]{};
std::atomic<thread_slot*> later{nullptr};
lock registering;
std::atomic<std::uint32_t> slots_used{1};  ///< changes under registering
// guarded by registering
std::uint32_t free_slots[slot_total];
std::uint32_t free_count = 0;
std::uint32_t serial = 0;
std::atomic<bool> may_others_be{true};

thread_slot& slot_of(thread_id id) noexcept { return detail::slot_at(id & (slot_total - 1)); }

/// Makes further slots usable. Pre: the lock is held, and all that are have been used.
[[nodiscard]] bool add_slots() noexcept {
  thread_slot* all = later.load(std::memory_order_relaxed);
  if (all == nullptr) {
    void* const room = os::reserve((slot_total - early_slots) * sizeof(thread_slot));
    if (room == nullptr) return false;
    all = static_cast<thread_slot*>(room);
    later.store(all, std::memory_order_release);
  }
  return os::commit(all + (slots_used - early_slots), early_slots * sizeof(thread_slot));
}

/// A slot that nobody has; 0: there is none. Pre: the lock is held.
std::uint32_t take_slot() noexcept {
  if (free_count > 0) return free_slots[--free_count];
  if (slots_used == slot_total) return 0;
  if (slots_used % early_slots == 0 && !add_slots()) return 0;
  return slots_used++;
}

}  // namespace

namespace detail {

// Null, so that nothing has to be relocated before the first use: that can come from
// another library's relocation.
constinit thread_local thread_slot* current_slot __attribute__((tls_model("initial-exec"))) =
    nullptr;
constinit thread_local thread_slot* known_slot __attribute__((tls_model("initial-exec"))) = nullptr;

[[gnu::noinline]] thread_slot& register_thread() noexcept {
  current_slot = &early[0];  // whoever allocates while this runs gets this one
  std::uint32_t index = 0;
  {
    const lock_guard guard(registering, lock_rank::threads);
    index = take_slot();
    if (index == 0) return early[0];
    take_share(slot_at(index));
    may_others_be.store(true, std::memory_order_relaxed);
    slot_at(index).inside.store(nullptr, std::memory_order_relaxed);
    slot_at(index).id.store((++serial << slot_bits) | index, std::memory_order_relaxed);
  }
  thread_slot& slot = slot_at(index);
  os::on_thread_exit(end_thread, &slot);
  current_slot = &slot;
  known_slot = &slot;
  return slot;
}

void leave_slot(thread_slot& slot) noexcept {
  const std::uint32_t index = slot.id.load(std::memory_order_relaxed) & (slot_total - 1);
  current_slot = &early[0];
  known_slot = nullptr;
  // release: pairs with the acquire in is_alive
  slot.id.store(0, std::memory_order_release);
  const lock_guard guard(registering, lock_rank::threads);
  free_slots[free_count++] = index;
}

bool abandon_other_slots(void (*lose)(thread_slot&)) noexcept {
  registering.reset(lock_rank::threads);
  may_others_be.store(false, std::memory_order_relaxed);
  bool were_any = false;
  for_each_thread([lose, &were_any](thread_slot& slot) {
    if (&slot == current_slot || !slot.is_registered()) return;
    slot.id.store(0, std::memory_order_relaxed);
    lose(slot);
    were_any = true;
  });
  return were_any;
}

std::uint32_t slots_end() noexcept { return slots_used.load(std::memory_order_relaxed); }
thread_slot& slot_at(std::uint32_t index) noexcept {
  if (index < early_slots) return early[index];
  // acquire: pairs with the release in add_slots
  return later.load(std::memory_order_acquire)[index - early_slots];
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
  return slot_of(id).id.load(std::memory_order_acquire) == id;
}

const std::atomic<const void*>& lane_inside(thread_id id) noexcept { return slot_of(id).inside; }

bool may_have_other_threads() noexcept {
  return may_others_be.load(std::memory_order_relaxed) && !os::has_one_thread();
}

std::int64_t unowned_bytes() noexcept {
  std::int64_t sum = early[0].unowned_bytes.load(std::memory_order_relaxed);
  for_each_thread([&sum](const thread_slot& each) {
    sum += each.unowned_bytes.load(std::memory_order_relaxed);
  });
  return sum;
}

std::uint64_t thread_cached_bytes() noexcept {
  std::uint64_t sum = 0;
  for_each_thread([&sum](const thread_slot& each) { sum += read_beside(each.cached_bytes); });
  return sum;
}

void lock_threads() noexcept { registering.acquire(lock_rank::threads); }
void unlock_threads() noexcept { registering.release(lock_rank::threads); }

}  // namespace connarena
