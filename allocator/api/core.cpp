#include "api/core.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "api/core_of_lane.hpp"
#include "api/live_arenas.hpp"
#include "arena/any_thread_blocks.hpp"
#include "arena/arenas.hpp"
#include "arena/current.hpp"
#include "arena/fork.hpp"
#include "arena/helper.hpp"
#include "arena/idle_memory.hpp"
#include "arena/lane/footprint.hpp"
#include "arena/limits.hpp"
#include "arena/live_blocks.hpp"
#include "arena/runs/run.hpp"
#include "arena/runs/run_marks.hpp"
#include "arena/runs/run_room.hpp"
#include "arena/runs/runs.hpp"
#include "arena/small/faults.hpp"
#include "arena/small/granules.hpp"
#include "arena/totals.hpp"
#include "base/failure.hpp"
#include "heap/commits.hpp"
#include "heap/demand.hpp"
#include "heap/page_heap.hpp"
#include "heap/reservation.hpp"
#include "heap/retention.hpp"
#include "heap/retirement.hpp"
#include "heap/size_classes.hpp"
#include "heap/slot_pool.hpp"
#include "os/lock.hpp"

#include "os/os.hpp"

namespace connarena {

thread_local connarena_t current_handle __attribute__((tls_model("initial-exec"))) = 0;

namespace core {
namespace {

std::atomic<handle> own{0};
lock opening_own;

/// A run for a block that outgrows its place: the arena's, or unowned if that has
/// ended.
void* take_growing_run(handle arena, std::size_t size_bytes, bool again) noexcept {
  lane* const first = find(arena);
  const run_owner of{first, generation_of(arena)};
  const auto take = [=] { return allocate_growing_run(of, size_bytes, again); };
  void* block = is_limited(of) ? take_under_limit(*first, arena, take) : take();
  if (block == nullptr && first != nullptr && !is_of(*first, arena)) {
    block = allocate_growing_run({}, size_bytes, again);
  }
  return block;
}

/// The lane that an address is of; 0: a survivor's, or unowned.
std::uint32_t lane_of_address(const void* address) noexcept {
  const std::size_t granule = offset_in_region(address) >> granule_shift;
  if (!is_small(granule)) {
    const quarter_index run = run_around(quarter_at(address));
    return run ? index_of(owner_at(run).load(std::memory_order_acquire)) : 0;
  }
  const auto at = static_cast<granule_index>(granule);
  const std::uint32_t owner = owner_at(at).load(std::memory_order_acquire);
  const bool is_survivor = (mark_at(at) & granule::survivor) != 0;
  return kind_of(owner) == page_kind::small && !is_survivor ? index_of(owner) : 0;
}

/// A small block for one that moves: its owner's, or `arena`'s where that has ended.
void* take_small_to_move(handle owner, handle arena, std::size_t size_bytes) noexcept {
  if (owner != 0) {
    const int saved_errno = errno;
    void* const block = allocate(owner, size_bytes, granule_bytes);
    if (block != nullptr || errno != ESTALE) return block;
    errno = saved_errno;
  }
  return arena != 0 ? allocate(arena, size_bytes, granule_bytes)
                    : allocate_unowned(size_bytes, granule_bytes);
}

/// Moves a block to a new place of its owner, or of `arena` where it has none.
void* move_block(handle arena, void* block, std::size_t old_bytes,
                 std::size_t size_bytes) noexcept {
  const handle owner = owner_of(block);
  void* moved = nullptr;
  if (size_bytes > max_small_bytes) {
    const bool again = old_bytes > max_small_bytes && has_grown(quarter_at(block));
    moved = take_growing_run(owner != 0 ? owner : arena, size_bytes, again);
    if (moved == nullptr) return nullptr;
  } else {
    moved = take_small_to_move(owner, arena, size_bytes);
    if (moved == nullptr) return nullptr;
  }
  std::memcpy(moved, block, std::min(old_bytes, size_bytes));
  deallocate(block);
  return moved;
}

drain_result result_of(const drained& counts) noexcept {
  return {counts.returned_bytes, counts.survivor_bytes, counts.survivor_blocks};
}

}  // namespace

handle open_arena(std::size_t limit_bytes, const char* name) noexcept {
  lane* const first = connarena::open_arena(limit_bytes, name, true);
  if (first != nullptr) return handle_of(*first);
  errno = ENOMEM;
  return 0;
}

handle open_resource(std::size_t limit_bytes, const char* name) noexcept {
  const handle opened = open_arena(limit_bytes, name);
  if (opened != 0) lane_of(opened)->kind = arena_kind::resource;
  return opened;
}

bool is_in_use() noexcept { return region.bytes != 0; }

bool is_open(handle arena) noexcept { return find(arena) != nullptr; }

handle own_arena() noexcept {
  // acquire: pairs with the release below
  if (const handle made = own.load(std::memory_order_acquire)) return made;
  const lock_guard guard(opening_own, lock_rank::own_arena);
  if (const handle made = own.load(std::memory_order_relaxed)) return made;
  lane* const first = connarena::open_arena(SIZE_MAX, "connarena", true);
  if (first == nullptr) return 0;
  first->kind = arena_kind::cores_own;
  own.store(handle_of(*first), std::memory_order_release);
  return handle_of(*first);
}

bool is_own_arena(handle arena) noexcept {
  return arena != 0 && arena == own.load(std::memory_order_relaxed);
}

bool release_arena(handle arena) noexcept {
  lane* const first = find(arena);
  if (first == nullptr) return false;
  empty_arena(*first);
  return true;
}

bool destroy_arena(handle arena) noexcept {
  lane* const first = find(arena);
  if (first == nullptr) return false;
  end_arena(*first);
  return true;
}

bool drain_arena(handle arena, drain_result* result) noexcept {
  lane* const first = find(arena);
  drained counts;
  if (first == nullptr || !drain(*first, arena, survivors_are::kept, counts)) return false;
  if (result != nullptr) *result = result_of(counts);
  return true;
}

std::uint64_t returned_bytes() noexcept { return os::purged_bytes(); }

bool may_retire() noexcept { return connarena::may_retire(); }
void prepare_to_retire() noexcept { take_whole_pages(); }

bool retire_arena(handle arena, drain_result* result) noexcept {
  lane* const first = find(arena);
  drained counts;
  if (first == nullptr || !drain(*first, arena, survivors_are::retired, counts)) return false;
  *result = result_of(counts);
  return true;
}

bool is_retired(const void* address) noexcept {
  return in_region(address) && connarena::is_retired(unit_at(address));
}

std::uint64_t late_frees() noexcept { return connarena::late_frees(); }

void for_each_live_block(handle arena, void (*see)(void*, const void*, std::size_t),
                         void* context) noexcept {
  if (lane* const first = find(arena)) {
    connarena::for_each_live_block(*first, arena, see, context);
  }
}

bool drain_empty_arena(handle arena, drain_result* result) noexcept {
  lane* const first = find(arena);
  drained counts;
  if (first == nullptr || !drain_empty(*first, arena, counts)) return false;
  *result = result_of(counts);
  return true;
}

void* reallocate(handle arena, void* block, std::size_t size_bytes) noexcept {
  const std::size_t old_bytes = usable_size(block);
  if (old_bytes <= max_small_bytes) {
    if (size_bytes <= old_bytes && size_bytes >= old_bytes / 2) return block;
    if (size_bytes <= max_small_bytes && class_of(size_bytes) == class_of(old_bytes)) return block;
  } else if (size_bytes > max_small_bytes && resize_run(quarter_at(block), size_bytes)) {
    return block;
  }
  return move_block(arena, block, old_bytes, size_bytes);
}

void* reallocate_of(handle arena, void* block, std::size_t old_bytes,
                    std::size_t size_bytes) noexcept {
  if (owner_of(block) != arena) {
    if (!is_open(arena)) return fail(ESTALE);
    die_of_bad_free(lane_index_of(arena), block, old_bytes);
  }
  const std::size_t usable = usable_size(block);
  if (usable > max_small_bytes || size_bytes > max_small_bytes) {
    return reallocate(arena, block, size_bytes);
  }
  // The class is to be the new size's, however near that is.
  if (class_of(usable) == class_of(size_bytes)) return block;
  return move_block(arena, block, usable, size_bytes);
}

handle owner_of(const void* address) noexcept {
  if (!in_region(address)) return 0;
  for (;;) {
    const std::uint32_t index = lane_of_address(address);
    if (index == 0) return 0;
    const lane& first = lane_at(lane_at(index).first_lane);
    // acquire: pairs with the release that opened the arena, so that the second look
    // sees what became of the address when an earlier arena of this lane drained.
    const std::uint64_t generation = first.generation.load(std::memory_order_acquire);
    if (lane_of_address(address) != index) continue;
    return first.any_thread && generation != 0 ? make_handle(generation, first.index) : 0;
  }
}

const void* adopt_by_io(handle arena, const void* address, std::size_t size_bytes) noexcept {
  const run_owner of{find(arena), generation_of(arena)};
  if (of.first == nullptr || size_bytes == 0 || !in_runs(address)) return nullptr;
  const quarter_index run = run_around(quarter_at(address));
  return run && adopt_run(of, run) ? block_of(run) : nullptr;
}

void claim(handle arena, const void* address, handle from) noexcept {
  const run_owner of{find(arena), generation_of(arena)};
  if (of.first == nullptr || !in_runs(address)) return;
  claim_run(of, quarter_at(address), {find(from), generation_of(from)});
}

handle current_arena() noexcept { return current_handle; }
handle exchange_current_arena(handle arena) noexcept {
  const handle previous = current_handle;
  current_handle = is_open(arena) ? arena : 0;
  return is_open(previous) ? previous : 0;
}

std::size_t footprint(handle arena) noexcept {
  const lane* const first = find(arena);
  return first != nullptr ? footprint_bytes(*first) : 0;
}

bool arena_counters(handle arena, connarena_stats* stats) noexcept {
  lane* const first = lane_of(arena);
  if (first == nullptr) return false;
  const visit inside(*first);
  if (!is_of(*first, arena)) return false;
  read_counters(*first, *stats);
  return true;
}

void process_counters(connarena_process_stats* stats) noexcept { read_process_counters(*stats); }

std::size_t live_and_retained_bytes() noexcept {
  return static_cast<std::size_t>(demand::live_and_retained_bytes());
}

void set_retention_floor(std::size_t bytes) noexcept { retention::set_floor(bytes); }

bool has_excess() noexcept { return demand::has_excess(); }
bool is_return_due() noexcept { return connarena::is_return_due(os::coarse_now_ns()); }
std::int64_t return_idle() noexcept { return connarena::return_idle(os::coarse_now_ns()); }
int be_idle() noexcept {
  constexpr std::int64_t ns_a_ms = 1'000'000;
  const std::int64_t next_ns = connarena::be_idle(os::coarse_now_ns());
  return next_ns < 0 ? -1 : static_cast<int>((next_ns + ns_a_ms - 1) / ns_a_ms);
}
void pass_on_what_is_others() noexcept { connarena::pass_on_what_is_others(this_thread()); }
bool has_helper() noexcept { return connarena::has_helper(); }
void call_helper() noexcept { connarena::ask_helper(); }
void ask_before_helper(bool (*may_start)() noexcept) noexcept {
  connarena::ask_before_helper(may_start);
}
void forbid_helper() noexcept { connarena::forbid_helper(); }
void allow_uncommon_calls() noexcept { os::allow_uncommon_calls(); }
void let_helper() noexcept { connarena::let_helper(); }

bool trim() noexcept { return region_ready() && trim_all(); }

void before_fork() noexcept { lock_for_fork(); }
void after_fork_in_parent() noexcept { unlock_after_fork(); }
void after_fork_in_child() noexcept {
  be_frugal(false);  // what the program locks stays the parent's
  opening_own.reset(lock_rank::own_arena);
  forget_look();
  repair_after_fork();
}

}  // namespace core
}  // namespace connarena
