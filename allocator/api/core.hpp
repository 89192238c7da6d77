// core.hpp - the core's front door: everything that the APIs (pmr, C) and the preload
// library
// may ask of the core. Nothing here throws, calls malloc or, unless it says so, changes errno.
//
// An arena is named by its handle: index and generation, 0 is none. A stale
// handle never reaches a newer arena. Every function may be called from any
// thread, inside malloc, and before main.
#pragma once

#include <cstddef>
#include <cstdint>

#include <connarena/connarena.h>

#include "api/idle_settings.hpp"
#include "arena/lane/free_result.hpp"
#include "base/allowance.hpp"
#include "base/units.hpp"
#include "heap/region.hpp"
#include "heap/threads.hpp"
#include "os/advice.hpp"

namespace connarena::core {

using connarena::allowance;
using connarena::page_bytes;

using handle = connarena_t;

/// What draining an arena gave back and left behind.
struct drain_result {
  std::size_t returned_bytes;   ///< free memory that left the arena
  std::size_t survivor_bytes;   ///< bytes in blocks that are still alive
  std::size_t survivor_blocks;  ///< those blocks
};

/// Opens an arena for any number of threads. 0 with errno ENOMEM when no memory
/// is left.
[[nodiscard]] handle open_arena(std::size_t limit_bytes, const char* name) noexcept;

/// The same for a memory resource, which has to know its runs: I/O adopts none of them.
[[nodiscard]] handle open_resource(std::size_t limit_bytes, const char* name) noexcept;

/// Whether anything was ever allocated here.
[[nodiscard]] bool is_in_use() noexcept;

[[nodiscard]] bool is_open(handle arena) noexcept;

/// An arena of the core's own, for what outlives its arena; it never ends. 0
/// when no memory is left.
[[nodiscard]] handle own_arena() noexcept;
[[nodiscard]] bool is_own_arena(handle arena) noexcept;

/// Ends every block; the arena stays open. Pre: no other thread is inside it.
/// False if the handle is stale.
bool release_arena(handle arena) noexcept;

/// Ends the arena and every block. Pre: no other thread is inside it. False if
/// the handle is stale.
bool destroy_arena(handle arena) noexcept;

/// Ends the arena; live blocks stay valid. Any thread may be inside meanwhile.
/// False if the handle is stale. `result` may be null.
bool drain_arena(handle arena, drain_result* result) noexcept;

/// The same, but live blocks end as well: their pages return and nobody gets their
/// addresses again. A late free of one is ignored and counted; any other call that is
/// given one ends the process with a message. What shares a page with survivors of
/// earlier arenas stays valid. Pre: may_retire().
bool retire_arena(handle arena, drain_result* result) noexcept;
/// Whether there are addresses left for that.
[[nodiscard]] bool may_retire() noexcept;
/// From now on runs take whole pages, so that a retired one keeps none.
void prepare_to_retire() noexcept;
[[nodiscard]] bool is_retired(const void* address) noexcept;
[[nodiscard]] std::uint64_t late_frees() noexcept;

/// Calls `see(context, block, its bytes)` on each live block of an arena, inside it: it
/// must not call the core. Does nothing for a stale handle.
void for_each_live_block(handle arena, void (*see)(void*, const void*, std::size_t),
                         void* context) noexcept;

/// Ends an arena in which nothing lives. False if the handle is stale, or something
/// lives, or it would take another thread's help to tell.
bool drain_empty_arena(handle arena, drain_result* result) noexcept;

/// Allocates from an arena. Null with errno EDQUOT at its limit, ENOMEM without memory,
/// ESTALE for a stale handle. Pre: `alignment` is a power of two.
[[nodiscard]] void* allocate(handle arena, std::size_t size_bytes, std::size_t alignment) noexcept;
[[nodiscard]] void* allocate_zeroed(handle arena, std::size_t size_bytes) noexcept;

/// Allocates a run that belongs to no connection; evidence can adopt it. For
/// requests of a page or more. Null with errno ENOMEM when no memory is left.
[[nodiscard]] void* allocate_unowned(std::size_t size_bytes, std::size_t alignment) noexcept;
[[nodiscard]] void* allocate_unowned_zeroed(std::size_t size_bytes) noexcept;

/// Whether an address lies in the region: then, and only then, it is ours.
[[nodiscard]] inline bool owns(const void* address) noexcept { return in_region(address); }
/// False if not, for the cost of one comparison; few others are told that they may be.
[[nodiscard]] inline bool may_own(const void* address) noexcept { return in_range(address); }

/// Frees a block. Pre: owns(block). What is not a live block ends the process with a
/// message.
free_result deallocate(void* block) noexcept;

/// The same of a block that was asked for so many bytes, with no more than its alignment.
free_result deallocate_sized(void* block, std::size_t size_bytes) noexcept;

/// Frees a block that was asked of an arena for so many bytes, and since that has ended
/// perhaps of own_arena(): such a block counts as a survivor, too. What is no such block
/// ends the process with a message.
free_result deallocate_of(handle arena, void* block, std::size_t size_bytes) noexcept;

/// Bytes usable in a block. Pre: owns(block); as strict as deallocate.
[[nodiscard]] std::size_t usable_size(const void* block) noexcept;

/// What a program may use of any block that is allocated with so many bytes; 0 where none
/// can be.
[[nodiscard]] std::size_t least_usable_size(std::size_t size_bytes) noexcept;

/// Resizes in place where possible, else moves within the owner (`arena` where
/// the owner has ended or there is none; 0: unowned). Null with errno EDQUOT or ENOMEM
/// leaves the block. Pre: owns(block).
[[nodiscard]] void* reallocate(handle arena, void* block, std::size_t size_bytes) noexcept;

/// Resizes a block that was asked of an open arena for `old_bytes`, to one that is freed as
/// one of `size_bytes`. Null with errno EDQUOT or ENOMEM, or ESTALE where the arena has ended,
/// leaves the block. What is no such block ends the process with a message.
[[nodiscard]] void* reallocate_of(handle arena, void* block, std::size_t old_bytes,
                                  std::size_t size_bytes) noexcept;

/// The open arena that owns an address in the region; 0 if it has none.
[[nodiscard]] handle owner_of(const void* address) noexcept;

/// Evidence: a connection's I/O went through [address, address + size). A run
/// there that has no owner, or whose owner never did I/O on it, becomes the
/// arena's; a run that another connection did I/O on becomes shared for good.
/// Small blocks, addresses outside the region and stale handles are ignored. Gives the run's
/// block if it is the arena's only since then, else null.
const void* adopt_by_io(handle arena, const void* address, std::size_t size_bytes) noexcept;

/// A weaker sign: a run that starts there becomes the arena's if it has no owner, or is one
/// of `from` on which no I/O was done, and is not shared. An address that is no run's start is
/// ignored, as is a stale handle.
void claim(handle arena, const void* address, handle from = 0) noexcept;

/// The calling thread's current arena: 0 is none. It may be stale.
[[nodiscard]] handle current_arena() noexcept;
/// Makes another one the current, or none where that is stale; gives the one before,
/// or none likewise.
handle exchange_current_arena(handle arena) noexcept;

/// Pages of an arena's blocks in bytes, as a glance from outside shows; 0 for a stale
/// handle.
[[nodiscard]] std::size_t footprint(handle arena) noexcept;
/// What an open arena holds, and held at most, in pages and metadata. Of blocks that another
/// thread freed, those in its outbox are live, and those count that the arena has not taken back.
struct glance {
  std::size_t live_bytes, peak_bytes, footprint_bytes, blocks;
  std::size_t limit_bytes;  ///< its own, in whole KiB; 0: it has none
};
/// From its counts, without entering it: some loads. False if the handle is stale.
[[nodiscard]] bool glance_at(handle arena, glance& seen) noexcept;
/// A number that, when something of that has changed, mostly is another one; 0 for a stale
/// handle.
[[nodiscard]] std::uint32_t changes_of(handle arena) noexcept;
/// What the process holds, without slack; some loads for each thread.
struct held_bytes {
  std::size_t live_bytes, retained_bytes;
};
[[nodiscard]] held_bytes held_by_process() noexcept;
/// False if the handle is stale.
bool arena_counters(handle arena, connarena_stats* stats) noexcept;
/// Visits every open arena.
void process_counters(connarena_process_stats* stats) noexcept;
/// What is live or retained, from counts of the process: without a lock, as its
/// threads last reported it, and without slack.
[[nodiscard]] std::size_t live_and_retained_bytes() noexcept;

/// Hardens the process, for good, if its environment says so: CONNARENA_HARDENED is
/// neither `off` nor empty. A process with more rights than its caller heeds it as
/// well: it makes nothing less strict.
void harden_if_asked() noexcept;
[[nodiscard]] bool is_hardened() noexcept;

/// Sets the floor of the retention bound; the default is 8 MiB.
void set_retention_floor(std::size_t bytes) noexcept;
/// All that is set of idle memory. Before arenas are opened.
void set_idle(const idle_choice& chosen) noexcept;
/// Sets `chosen`, but for what the environment says instead; gives what was set. Calls
/// `complain` for what it says and cannot be.
idle_choice read_idle_settings(idle_choice chosen,
                               void (*complain)(const idle_setting&, const char* value)) noexcept;

/// What was set last.
[[nodiscard]] idle_choice chosen_idle() noexcept;

/// Whether more is idle than may stay for good.
[[nodiscard]] bool has_excess() noexcept;
/// Whether return_idle has something to do by now.
[[nodiscard]] bool is_return_due() noexcept;
/// Returns what nobody has wanted for a while, some milliseconds' worth at a time. Gives
/// after how many nanoseconds there will be more: 0 is at once, -1 never, and -2 that the
/// system refuses to take it.
std::int64_t return_idle() noexcept;
/// The program is about to wait. If it has not said so for half a second, all of the
/// excess goes at once. Gives after how many milliseconds there will be more to do; -1:
/// never.
int be_idle() noexcept;

/// Whether the calling thread may have what others wait for: small blocks that it has freed of
/// lanes that they own, or a lane that it has borrowed. Some loads, before a wait.
[[nodiscard]] inline bool may_keep_what_is_others() noexcept {
  const thread_slot* const self = known_thread();
  return self != nullptr && (self->has_outboxes || self->borrowed != 0);
}
/// Passes it on. Not in a signal handler that may have interrupted the core.
void pass_on_what_is_others() noexcept;

/// Whether a thread of the core's own does all that; starts one, where the process may
/// have it and nobody else does it.
[[nodiscard]] bool has_helper() noexcept;
void call_helper() noexcept;
/// Says whether the calling thread may start one where it is; asked each time.
void ask_before_helper(bool (*may_start)() noexcept) noexcept;
/// Around what a process may only do while it has no thread beside its own.
void forbid_helper() noexcept;
void let_helper() noexcept;

/// Calls that few programs allow themselves may be made: mincore, process_madvise, and madvise
/// to fill pages. Pre: enter_sandbox is told what the process forbids itself.
void allow_uncommon_calls() noexcept;

/// All that ever went back to the system, in bytes: pages, resident or not.
[[nodiscard]] std::uint64_t returned_bytes() noexcept;

/// What an arena was opened under; null for none, and for a stale handle.
[[nodiscard]] const char* name_of(handle arena) noexcept;

/// A pointer that the core keeps for whoever opened the arena; null at first, and for a
/// stale handle. False with errno ESTALE or ENOMEM.
[[nodiscard]] void* user_of(handle arena) noexcept;
bool set_user(handle arena, void* user) noexcept;

/// Changes an open arena's limit; SIZE_MAX: none. False with errno ESTALE.
bool set_limit(handle arena, std::size_t limit_bytes) noexcept;
/// What calls a soft limit's callback from here on, if not the core itself.
void set_soft_limit_caller(void (*caller)(connarena_limit_callback* passed, void* context,
                                          handle arena,
                                          std::size_t footprint_bytes) noexcept) noexcept;
/// As connarena_set_soft_limit. False with errno ESTALE or ENOMEM.
bool set_soft_limit(handle arena, std::size_t bytes, connarena_limit_callback* passed,
                    void* context) noexcept;

/// Limits of all watched arenas. SIZE_MAX: none.
struct watch_limits {
  std::size_t most_of_one;
  std::size_t most_of_all;
  bool refuses;  ///< what would pass most_of_one; else that is told as well
};
/// `over` is called with an arena that has passed one of them, by the thread that made it,
/// outside of every lock of the core, each time it comes to hold more. It must not end arenas.
void set_watch_limits(const watch_limits& limits, void (*over)(handle) noexcept) noexcept;
/// Watches an arena; an exempt one counts for most_of_all alone. False if the handle is stale.
bool watch_arena(handle arena, bool is_exempt) noexcept;
/// It is on its way out: it counts for neither.
void excuse_arena(handle arena) noexcept;
/// Whether it holds more than most_of_one.
[[nodiscard]] bool is_above_limit(handle arena) noexcept;
/// What all that count hold.
[[nodiscard]] std::size_t watched_bytes() noexcept;

/// The open arena for any thread that stands next in the tables behind another, or behind
/// where that was; after 0 the first. 0: there is none. The core's own is none of them.
[[nodiscard]] handle next_arena(handle after) noexcept;

/// Returns every wholly free page to the system. True if any went.
bool trim() noexcept;

/// Gives unused reserved address space back until at most `bytes` stay
/// reserved, as far as what is in use allows: before a limit on address space.
void shrink_reservation(std::size_t bytes) noexcept;
/// How much address space the core may have at all: a power of two from 16 MiB to
/// 512 GiB, which the number is rounded down to.
void limit_reservation(std::size_t most_bytes) noexcept;

/// Around a call that locks the process's memory: what is not in use is no memory of the
/// process while that is done. `is_locked_later`: so is what comes, in small steps;
/// `is_filled`: what the system had back is returned to it again. The first
/// gives whether what comes was locked before.
[[nodiscard]] bool prepare_to_lock_memory() noexcept;
void note_locked_memory(bool is_locked_later, bool is_filled) noexcept;

/// What the process may still ask of the system in a sandbox of its own making.
struct allowed_calls {
  bool protect;        ///< mprotect: else nothing more is committed
  bool advise;         ///< madvise: else nothing more is returned
  bool advise_guards;  ///< madvise for guards: else none is set or lifted any more
  bool advise_locked;  ///< madvise for locked pages: else they keep others from going
  bool uncommon;       ///< else it is as if those had never been allowed
  bool map;            ///< mmap: else no further addresses are reserved
  bool fence;          ///< membarrier: else no thread owns a lane
};
/// What the core tells madvise.
using os::fill_pages;
using os::forget_locked;
using os::install_guard;
using os::remove_guard;
/// Before the process enters the sandbox: gets ready what it may not later, and does
/// without what is not allowed from here on.
void enter_sandbox(allowed_calls allowed) noexcept;
/// The system has refused it after all.
void leave_sandbox(allowed_calls allowed) noexcept;

/// Every thread of the process passes a memory fence before this returns. False where the
/// system has none, or forbids it.
[[nodiscard]] bool fence_all_threads() noexcept;

/// Around fork: take the core's locks, give them back in parent and child.
void before_fork() noexcept;
void after_fork_in_parent() noexcept;
void after_fork_in_child() noexcept;

}  // namespace connarena::core
