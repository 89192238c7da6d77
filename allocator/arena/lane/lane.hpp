// lane.hpp - the control block of an arena: what one thread at a time works on.
//
// An arena has one lane, its first; an arena for any thread gets a second one
// when threads meet in the first. Lanes lie in an array of their own and are
// never unmapped: a stale pointer to one reads memory, and finds another
// generation there.
//
// Who may work on a lane
//   one_thread  whoever calls; nothing is locked. Where much is idle in such lanes,
//               others look in while it is not inside: see lone_lane.hpp.
//   any_thread  Its owner, and whoever holds `guard` while the owner, if there is
//               one, is not inside. The owner enters without atomic instructions:
//               it says in its own thread_slot that it is inside, then looks at
//               `guard` and `owner`. Everybody else takes `guard` and, where a
//               living owner may be inside, makes every thread pass a fence and
//               waits until the owner is not. Either side sees the other.
//
//   Whose a lane is, changed under the guard (`owner`, `changes`):
//     new      0, 0         -> owned     by whoever works there first
//     owned    a thread, 0  -> passed    another comes to work: a fence
//     passed   a thread, 1  -> shared    the next comes to work: a fence
//     shared   0, 2         everybody takes the guard, without a fence, until the
//                           arena ends; but where one thread alone allocates for long, or
//                           threads meet here and open the second lane, this one is
//     waiting  0, 1         -> passed    to whoever works there next
//     lent     a thread, 2  a shared lane of whoever came last, while it works in no other
//                           shared one: so a handler takes few guards, not one for each
//                           block. -> shared by its borrower, under the guard, when it comes
//                           to another, or waits; or by who comes to work here before: a
//                           fence, and the lane is not lent before many have come
//   A second lane begins as waiting. Who only looks (statistics, trim, idle memory)
//   fences and leaves it as it is; of a dead owner nobody has to know. So an arena
//   costs at most four fences for work, two before threads meet in it, one for its
//   end, and one for each long stretch of allocations by one thread alone, or of comings
//   in turn. Decisions 0012 and 0023 have the reasons, tests/model/lane_protocol_test.cpp walks
//   through every interleaving.
//
// Small blocks
//   carved = granules ever taken by the bump pointer and from gaps
//          = bump - carved_origin                    (modulo 2^32)
//   free   = on free lists, in gaps not yet harvested, or thrown away as pieces
//          = report_mark - until_report
//   live   = carved - free
// The bump pointer moves and nothing else has to be counted.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <connarena/connarena.h>

#include "base/units.hpp"
#include "heap/region.hpp"
#include "heap/size_classes.hpp"
#include "heap/threads.hpp"
#include "os/brief_lock.hpp"

namespace connarena {

/// Names a span: its first granule. 0 is none.
using span_id = granule_index;

/// What is constant while the arena is open. A stale handle, or a block whose page has
/// just left the lane, may lead to a lane at any time; whoever follows one finds out
/// afterwards, by the generation or the page's owner.
template <typename T>
class lasting {
 public:
  lasting& operator=(T value) noexcept {
    value_.store(value, std::memory_order_relaxed);
    return *this;
  }
  lasting& operator=(const lasting& other) noexcept {
    *this = static_cast<T>(other);
    return *this;
  }
  operator T() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<T> value_;
};

enum class arena_kind : std::uint8_t {
  ordinary,
  resource,   ///< of a memory resource, which has to know its runs: none is adopted
  cores_own,  ///< not counted as an open one
};

/// Of a lane of an arena for one thread: see lone_lane.hpp.
enum class lone_lane : std::uint8_t {
  shut,     ///< nobody else may look in
  left,     ///< others may
  entered,  ///< the arena's thread is inside
};

/// A lane that has changed hands so often has no owner any more, until one thread has made
/// so many blocks there, and no other came: a guard takes some 5 ns, so that a fence is
/// paid for twice when that is over.
inline constexpr std::uint32_t blocks_of_one_worker = 4096;
inline constexpr std::uint16_t most_changes = 2;
/// Before a shared lane is lent so many have to come there to work, each after another: a short
/// connection is not to cost a fence for that. And so many where it was taken from its
/// borrower, which is to be less than one handler in a thousand: threads that sleep between
/// them, or are in one arena at once, would pay that fence again and again.
inline constexpr std::uint16_t comings_before_it_is_lent = 256;
inline constexpr std::uint16_t comings_for_a_fence = 2048;

/// Through how many hands a lane of an arena has gone.
struct lane_hands {
  std::uint16_t changes : 2;        ///< up to most_changes
  std::uint16_t comings_left : 14;  ///< before it is lent
};
inline constexpr lane_hands hands_of_new_lane{0, comings_before_it_is_lent};
inline constexpr lane_hands hands_of_shared_lane{most_changes, comings_before_it_is_lent};

/// No page has such an owner; those of first blocks have none.
inline constexpr std::uint32_t nobodys_tag = make_owner(page_kind::none, owner_index_mask);

struct alignas(64) lane {
  // the thread inside; the fast paths touch the first three cache lines
  granule_index heads[class_count];  ///< free blocks of a size class; 0: none
  granule_index bump;                ///< where the next fresh block starts
  granule_index bump_end;            ///< up to here
  std::int32_t until_report;         ///< granules that may become free before report() is due
  std::uint32_t tag = nobodys_tag;   ///< owner of this lane's pages: always the same
  std::uint32_t shed_at;             ///< deallocations when shed() last looked; a slow path's
  std::uint64_t allocations;
  std::uint64_t deallocations;

  // the thread inside; slow paths only
  std::uint32_t carved_origin;
  std::uint32_t report_mark;     ///< free granules beyond which report() is due
  span_id spans;                 ///< all spans, the newest first
  span_id current;               ///< the span that bump is in; 0: a gap
  span_id harvest_span;          ///< where harvesting goes on; 0: nowhere
  std::uint32_t harvest_offset;  ///< and from which granule of that span
  span_id harvest_stop;          ///< the span where it ends
  std::uint32_t idle_granules;   ///< free granules that are not harvested yet
  std::uint32_t step_granules;   ///< freeing so many can empty step_pages pages
  std::uint32_t step_pages;
  std::uint32_t kept_pages;                ///< wholly free and resident, known from a look at them
  std::uint32_t reported_pages;            ///< retained, as the process knows it
  std::uint32_t counted_live;              ///< pages of live blocks, as the process knows it
  std::atomic<std::uint32_t> small_pages;  ///< pages of spans; anybody reads
  std::uint32_t recycle_at;                ///< small_pages at which gaps are worth a search again
  bool has_spare;                          ///< `spans` begins with pages bump has not come to
  bool has_mixed : 1;                      ///< some span also holds survivors of others
  bool has_marks : 1;                      ///< some page of a span may have a span_mark
  bool is_released : 1;                    ///< since the last release no block was handed out
  bool is_plain : 1;  ///< it has the spans it was opened with and no others, and was never swept

  std::atomic<bool> has_outboxes;  ///< threads may have blocks of it in theirs; any thread writes
  std::atomic<lone_lane> lone;     ///< the arena's only thread writes

  // under guard
  thread_id worker;            ///< of a shared lane: who came last to allocate
  std::uint32_t worker_since;  ///< `allocations` when it came
  lane_hands hands;

  // constant while the arena is open
  lasting<bool> any_thread;
  lasting<arena_kind> kind;
  lasting<std::uint32_t> index;
  lasting<std::uint32_t> first_lane;      ///< index of the arena's first lane
  lasting<std::uint32_t> limit_quarters;  ///< see charge.hpp; changes in lanes and runs_guard

  // any thread reads, and seldom writes
  brief_lock guard;
  std::atomic<thread_id> owner;              ///< changes under guard; 0: none
  std::atomic<std::uint64_t> generation;     ///< 0: closed; changes under guard
  std::atomic<std::uint32_t> second;         ///< index of the second lane; 0: none
  std::atomic<std::uint32_t> peak_quarters;  ///< of the footprint; a lost update is made up for

  // any thread; in a cache line of its own, for whoever frees what another allocates
  alignas(64) std::atomic<std::uint64_t> remote;  ///< freed by others: count and first block
  // runs; an arena for any thread: under runs_guard
  quarter_index runs;  ///< list of the arena's runs
  brief_lock runs_guard;
  std::uint64_t run_allocations;
  std::uint64_t run_deallocations;
  std::uint32_t run_quarters;  ///< anybody reads beside
  /// Up to so many run_quarters the peak is noted: at the latest before they become fewer.
  /// At least 1; 0 where more has to be known: the arena has a limit, or the process is hardened.
  std::uint32_t noted_run_quarters;
  std::atomic<std::uint32_t> others_granules;  ///< of small_pages, but not held; anybody reads
  std::uint32_t idle_before;                   ///< reported_pages when the last epoch ended
  std::atomic<std::uint64_t> charge;           ///< of the first lane: see charge.hpp
  std::atomic<const char*> name;               ///< constant while the arena is open
};
static_assert(sizeof(lane) <= slot_bytes, "a lane fills one place of the pool");

[[nodiscard]] inline lane& lane_at(std::uint32_t index) noexcept {
  return *reinterpret_cast<lane*>(region.lanes + std::size_t{index} * slot_bytes);
}

/// A handle is the index of the arena's first lane, as wide as in a page's owner, and a
/// generation above it: at a million arenas a second none comes again within twelve days.
inline constexpr unsigned handle_index_bits = std::bit_width(owner_index_mask);
inline constexpr std::uint64_t most_generation = UINT64_MAX >> handle_index_bits;
[[nodiscard]] constexpr std::uint64_t generation_of(connarena_t handle) noexcept {
  return handle >> handle_index_bits;
}
[[nodiscard]] constexpr std::uint32_t lane_index_of(connarena_t handle) noexcept {
  return static_cast<std::uint32_t>(handle) & owner_index_mask;
}
[[nodiscard]] constexpr connarena_t make_handle(std::uint64_t generation,
                                                std::uint32_t index) noexcept {
  return generation << handle_index_bits | index;
}

/// Whether a lane is of the arena that a handle names. Inside the lane's guard
/// the answer lasts.
[[nodiscard]] inline bool is_of(const lane& in, connarena_t handle) noexcept {
  return in.generation.load(std::memory_order_relaxed) == generation_of(handle) && handle != 0;
}

/// Pre: the caller is inside.
inline void close_lane(lane& in) noexcept {
  in.owner.store(0, std::memory_order_relaxed);
  in.generation.store(0, std::memory_order_relaxed);
}

/// The second lane, if there is one. Of a stale arena it may be anybody's.
[[nodiscard]] inline lane* second_of(const lane& first) noexcept {
  // acquire: pairs with the release that opened it
  const std::uint32_t index = first.second.load(std::memory_order_acquire);
  return index != 0 ? &lane_at(index) : nullptr;
}

/// A lane of no arena: every fast path fails on it, since it has no list and no room,
/// nobody owns it, and no page is its own.
extern constinit lane no_lane;

[[nodiscard]] inline std::uint32_t carved_granules(const lane& in) noexcept {
  return in.bump - in.carved_origin;
}
[[nodiscard]] inline std::uint32_t free_granules(const lane& in) noexcept {
  return in.report_mark - static_cast<std::uint32_t>(in.until_report);
}
[[nodiscard]] inline std::uint32_t live_granules(const lane& in) noexcept {
  return carved_granules(in) - free_granules(in);
}
/// Counts granules that become free, or, a negative number, that are taken.
inline void add_free(lane& in, std::uint32_t granules) noexcept {
  in.until_report -= static_cast<std::int32_t>(granules);
}

/// Adds to a count that one thread writes and others read.
inline void add_to(std::atomic<std::uint32_t>& count, std::uint32_t change) noexcept {
  count.store(count.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
}

/// A byte of the granule table: 0, or at the start of a block its state and size
/// class. A survivor is a live block whose own arena has ended.
namespace granule {
inline constexpr std::uint8_t live = 0x80;
inline constexpr std::uint8_t survivor = 0x40;  ///< with live
inline constexpr std::uint8_t freed = 0x20;     ///< on a free list
inline constexpr std::uint8_t remote = 0x60;    ///< freed by another thread, not yet collected
inline constexpr std::uint8_t remote_survivor = 0x40;  ///< the same of a survivor
inline constexpr std::uint8_t state_mask = 0xE0;
inline constexpr std::uint8_t class_mask = 0x1F;
}  // namespace granule
static_assert(class_count <= granule::class_mask + 1u);

}  // namespace connarena
