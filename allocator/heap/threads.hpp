// threads.hpp - what the core keeps for each thread: an identity, batched counts
// and a small cache of short runs and control blocks.
//
// A slot belongs to one thread at a time. Threads beyond the last slot, and
// threads that are past their end, share slot 0, which has no identity and no
// cache. The identity of a slot and a serial number is what a lane's owner is
// known by; an identity whose slot has another one belongs to a dead thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/units.hpp"
#include "heap/run_sizes.hpp"
#include "os/brief_lock.hpp"

namespace connarena {

using thread_id = std::uint32_t;

/// Where units come from; also the number of their page heap.
enum class page_source : std::uint8_t { small, runs, base_runs };
inline constexpr std::size_t source_count = 3;
inline constexpr page_source all_sources[source_count] = {page_source::small, page_source::runs,
                                                          page_source::base_runs};
/// Of the bytes of one of its units.
[[nodiscard]] constexpr unsigned shift_of(page_source source) noexcept {
  return source == page_source::small ? page_shift : quarter_shift;
}
/// The bytes of units of a source.
[[nodiscard]] constexpr std::uint32_t bytes_of(page_source source, std::uint32_t units) noexcept {
  return units << shift_of(source);
}

/// Control blocks and first blocks that a thread keeps at hand.
struct index_stack {
  static constexpr std::uint32_t room = 8;
  std::uint32_t count;
  std::uint32_t indices[room];
};

/// What a thread has not yet added to the counts of retention.hpp, in bytes. What it keeps
/// in its cache is live by this count: so a run goes from there to an arena and back
/// without a word of it.
struct batch {
  std::int32_t in_own_lanes, in_shared_lanes, live;
};

/// Small blocks that the thread has freed of a lane that another owns, not yet passed on to
/// it: see arena/small/outboxes.hpp. Under guard; whoever is inside the lane may take them.
struct outbox {
  static constexpr std::uint32_t of_thread = 4;
  brief_lock guard;
  std::uint32_t lane;   ///< whose they are
  std::uint32_t first;  ///< block of a list that runs through them; 0: there is none
  std::uint32_t last;
  std::uint32_t granules;
};

/// A thread looks at the clock once in so many slow calls.
inline constexpr std::uint32_t slow_calls_a_look = 32;

/// A run that is looked at later: see touch_habit.hpp.
struct watched_run {
  unit_index first;
  unit_index end;
  std::uint32_t habit;
};

struct alignas(64) thread_slot {
  std::atomic<thread_id> id;  ///< 0: no thread, or slot 0
  // owner only, but for slot 0, where they stay 0; others read the identity often
  alignas(64) std::uint32_t cached_bytes;
  std::uint32_t most_cached_bytes;
  batch counts;
  std::uint32_t slow_calls;       ///< see idle_memory.hpp
  std::uint64_t next_generation;  ///< of the handles the thread will make
  std::uint32_t generations_left;
  std::uint32_t meetings;      ///< with others in lanes that nobody owns
  bool prefers_second_lanes;   ///< where nobody owns them: it met others in a first one
  std::uint32_t borrowed;      ///< lane that the thread has borrowed, if it still has it; 0: none
  bool has_outboxes;           ///< the thread has begun one since it last passed all on
  std::uint32_t others_shelf;  ///< where what its own does not take may be put
  std::uint32_t fresh_runs;    ///< see touch_habit.hpp
  watched_run watched;
  index_stack lanes;
  index_stack first_blocks;
  index_stack warm;          ///< see arena/warm_lanes.hpp
  std::uint32_t warm_bytes;  ///< of cached_bytes
  std::uint32_t least_warm;  ///< lanes since the last epoch ended
  std::uint32_t warm_epoch;  ///< which that was
  std::uint32_t bins[source_count][exact_run_units];
  // owner writes, anybody reads; of slot 0: anybody adds
  std::atomic<std::int64_t> unowned_bytes;
  std::atomic<const void*> inside;  ///< the lane the thread is inside as its owner, if any
  outbox outboxes[outbox::of_thread];

  [[nodiscard]] bool is_registered() const noexcept {
    return id.load(std::memory_order_relaxed) != 0;
  }
  void add_unowned(std::int64_t bytes) noexcept;
};

namespace detail {
extern constinit thread_local thread_slot* current_slot __attribute__((tls_model("initial-exec")));
/// One past the last slot that was ever used.
[[nodiscard]] std::uint32_t slots_end() noexcept;
[[nodiscard]] thread_slot& slot_at(std::uint32_t index) noexcept;
/// The same, if the thread has an identity: then the fast paths have one thing to ask.
extern constinit thread_local thread_slot* known_slot __attribute__((tls_model("initial-exec")));
thread_slot& register_thread() noexcept;

// thread_end.cpp
/// Gives a thread that begins its share of the process's floor. Threads: one at a time.
void take_share(thread_slot& slot) noexcept;
/// Gives back all that a thread's slot holds, then the slot.
void end_thread(void* slot) noexcept;

// arena/warm_lanes.cpp, for that
void give_back_warm(thread_slot& slot) noexcept;
// arena/small/remote_free.cpp, too: see arena/small/outboxes.hpp
void pass_outboxes(thread_slot& slot) noexcept;

// threads.cpp, for that
/// The calling thread, which ends, has no identity any more.
void leave_slot(thread_slot& slot) noexcept;
/// In a forked child: the threads that do not run there have none. Calls `lose` on each.
bool abandon_other_slots(void (*lose)(thread_slot&)) noexcept;
}  // namespace detail

/// The calling thread's slot.
[[nodiscard]] inline thread_slot& this_thread() noexcept {
  thread_slot* const slot = detail::current_slot;
  return slot != nullptr ? *slot : detail::register_thread();
}

/// The calling thread's slot if it has an identity; else, or before it ever was inside
/// the core, null.
[[nodiscard]] inline thread_slot* known_thread() noexcept { return detail::known_slot; }

/// Its identity; 0 of none.
[[nodiscard]] inline thread_id id_of(const thread_slot* known) noexcept {
  return known != nullptr ? known->id.load(std::memory_order_relaxed) : 0;
}

/// Whether the thread of an identity still runs.
/// A false answer is final and orders everything that thread did before it.
[[nodiscard]] bool is_alive(thread_id id) noexcept;

/// Which lane the thread of an identity is inside, or whoever has its slot by now.
[[nodiscard]] const std::atomic<const void*>& lane_inside(thread_id id) noexcept;

/// Whether other threads may run in the process. In a forked child none does that the core
/// knows of, until one has come to it; the system does not say so.
[[nodiscard]] bool may_have_other_threads() noexcept;

/// Calls `look(slot)` on the slot of every thread, some that ended among them.
template <typename Look>
void for_each_thread(Look look) noexcept {
  const std::uint32_t end = detail::slots_end();
  for (std::uint32_t i = 1; i < end; ++i) look(detail::slot_at(i));
}

/// Bytes in unowned runs, over all threads.
[[nodiscard]] std::int64_t unowned_bytes() noexcept;
/// Bytes in thread caches, over all threads; approximate while they run.
[[nodiscard]] std::uint64_t thread_cached_bytes() noexcept;

/// Around fork; in the child every other thread is dead.
void lock_threads() noexcept;
void unlock_threads() noexcept;
/// Gives whether there were any.
bool forget_other_threads() noexcept;

}  // namespace connarena
