#include "heap/slot_pool.hpp"

#include <bit>

#include "base/beside.hpp"
#include "heap/commits.hpp"
#include "heap/region.hpp"
#include "heap/reservation.hpp"
#include "heap/retention.hpp"
#include "heap/threads.hpp"
#include "os/lock.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

constexpr std::uint32_t slab_pages = slab_places * slot_bytes / page_bytes;
static_assert(slab_places * slot_bytes == slab_pages * page_bytes);
constexpr std::size_t slab_bytes = slab_places * slot_bytes;
constexpr std::uint32_t group_slabs = group_slots / slab_places;
constexpr std::uint64_t all_free = ~std::uint64_t{0};
// A burst of a thousand connections comes back to warm control blocks.
constexpr std::uint32_t most_idle_slabs = 16;

struct slab {
  std::uint64_t free;  ///< a bit for each place
  std::uint32_t next;  ///< the next slab with a free place; only while stacked
  bool is_stacked;     ///< on the stack of slabs with a free place
  bool is_resident;    ///< false: the system has its pages
};

/// What is noted of a group: see region.hpp.
struct group {
  slab slabs[group_slabs];
  std::uint64_t gone;  ///< slabs the system has
};
static_assert(sizeof(group) == group_notes_bytes);

struct pool {
  [[nodiscard]] place kind() const noexcept;
  [[nodiscard]] lock_rank rank() const noexcept {
    return kind() == place::lane ? lock_rank::lane_places : lock_rank::first_block_places;
  }
  lock guard;
  std::uint32_t used = 0;  ///< slabs ever used
  std::uint32_t top = 0;   ///< stack of slabs with a free place, plus one; 0: none
  std::uint32_t idle = 0;  ///< wholly free slabs that are resident
  std::uint32_t gone = 0;  ///< slabs the system has

  [[nodiscard]] group& group_at(std::uint32_t number) const noexcept {
    char* const notes = kind() == place::lane ? region.lane_notes : region.slot_notes;
    return reinterpret_cast<group*>(notes)[number];
  }
  [[nodiscard]] slab& slab_at(std::uint32_t index) const noexcept {
    return group_at(index / group_slabs).slabs[index % group_slabs];
  }
};

constinit pool lanes;
constinit pool first_blocks;

place pool::kind() const noexcept { return this == &lanes ? place::lane : place::first_block; }

pool& pool_of(place kind) noexcept { return kind == place::lane ? lanes : first_blocks; }

region_part& part_of(const pool& of) noexcept {
  return of.kind() == place::lane ? region.lane_pages : region.slots;
}

char* base_of(const pool& of) noexcept {
  return of.kind() == place::lane ? region.lanes : region.base;
}

/// Whether the system has, or may have, what slabs [first, end) share pages with others.
bool are_gone(const pool& in, std::uint32_t first, std::uint32_t end) noexcept {
  for (; first < end; ++first) {
    if (first >= in.used || in.slab_at(first).is_resident) return false;
  }
  return true;
}

/// Returns the pages of the system that hold a slab that nobody uses: all that lie in it
/// and in such as have gone before. False if the system refuses.
bool return_slab(const pool& in, std::uint32_t index) noexcept {
  const std::size_t begin = std::size_t{index} * slab_bytes;
  const std::size_t end = begin + slab_bytes;
  std::size_t from = round_down(begin, region.system_page_bytes);
  std::size_t to = round_up(end, region.system_page_bytes);
  if (!are_gone(in, static_cast<std::uint32_t>(from / slab_bytes), index)) {
    from = round_up(begin, region.system_page_bytes);
  }
  if (!are_gone(in, index + 1, static_cast<std::uint32_t>((to + slab_bytes - 1) / slab_bytes))) {
    to = round_down(end, region.system_page_bytes);
  }
  return from >= to || os::purge(base_of(in) + from, to - from);
}

void push(pool& into, std::uint32_t index) noexcept {
  into.slab_at(index).next = into.top;
  into.slab_at(index).is_stacked = true;
  into.top = index + 1;
}

bool add_slab(pool& into) noexcept {
  const std::uint32_t index = into.used;
  region_part& part = part_of(into);
  if (index >= region.slot_count / slab_places) return false;
  if (!commit_part(part, (index + 1) * slab_pages)) return false;
  slab& fresh = into.slab_at(index);
  fresh.free = index == 0 ? all_free - 1 : all_free;
  fresh.is_resident = true;
  ++into.used;
  if (into.kind() == place::lane) region.lanes_end = into.used * slab_places;
  push(into, index);
  return true;
}

/// A group has gone: what describes it and those that share a page of the tables with it
/// follows, once all of them have. Until then it says nothing of them.
void return_tables_around(const pool& in, std::uint32_t gone_group) noexcept {
  static_assert(group_slots * sizeof(std::uint32_t) == page_bytes, "the least of a group's");
  const auto groups = static_cast<std::uint32_t>(region.system_page_bytes / page_bytes);
  const std::uint32_t first_group = gone_group / groups * groups;
  for (std::uint32_t each = first_group; each < first_group + groups; ++each) {
    if ((each + 1) * group_slabs > in.used || in.group_at(each).gone != group_slabs) return;
  }
  const std::size_t first = std::size_t{first_group} * group_slots;
  const std::size_t slots = std::size_t{groups} * group_slots;
  const auto forget = [](void* table, std::size_t bytes) {
    if (!os::purge(table, bytes)) __builtin_memset(table, 0, bytes);
  };
  forget(region.granules + first * first_block_granules, slots * first_block_granules);
  forget(region.slot_owners + first, slots * sizeof(std::uint32_t));
  forget(region.links + first, slots * sizeof(slot_links));
}

void on_wholly_free(pool& in, std::uint32_t index) noexcept {
  slab& empty = in.slab_at(index);
  if (in.idle < most_idle_slabs || !return_slab(in, index)) {
    ++in.idle;
    retention::add_idle_slabs(std::int64_t{slab_bytes});
    return;
  }
  empty.is_resident = false;
  ++in.gone;
  if (++in.group_at(index / group_slabs).gone == group_slabs && in.kind() == place::first_block) {
    return_tables_around(in, index / group_slabs);
  }
}

void on_first_use(pool& in, std::uint32_t index) noexcept {
  slab& empty = in.slab_at(index);
  if (empty.is_resident) {
    --in.idle;
    retention::add_idle_slabs(-std::int64_t{slab_bytes});
    return;
  }
  empty.is_resident = true;
  --in.gone;
  --in.group_at(index / group_slabs).gone;
}

/// Pre: the pool's lock is held. A fresh slab counts as in use from the start.
std::uint32_t take_locked(pool& from) noexcept {
  const bool is_fresh = from.top == 0;
  if (is_fresh && !add_slab(from)) return 0;
  const std::uint32_t index = from.top - 1;
  slab& source = from.slab_at(index);
  if (!is_fresh && source.free == all_free) on_first_use(from, index);
  const auto bit = static_cast<std::uint32_t>(std::countr_zero(source.free));
  source.free &= source.free - 1;
  if (source.free == 0) {
    from.top = source.next;
    source.is_stacked = false;
  }
  return index * slab_places + bit;
}

void give_locked(pool& to, std::uint32_t number) noexcept {
  const std::uint32_t index = number / slab_places;
  slab& target = to.slab_at(index);
  target.free |= std::uint64_t{1} << number % slab_places;
  if (!target.is_stacked) push(to, index);
  if (target.free == all_free) on_wholly_free(to, index);
}

index_stack& stack_of(thread_slot& self, place kind) noexcept {
  return kind == place::lane ? self.lanes : self.first_blocks;
}

constexpr std::uint32_t batch_places = index_stack::room / 2;

[[gnu::noinline]] std::uint32_t refill(place kind, thread_slot& self) noexcept {
  pool& from = pool_of(kind);
  const lock_guard guard(from.guard, from.rank());
  index_stack& own = stack_of(self, kind);
  while (self.is_registered() && own.count < batch_places) {
    const std::uint32_t number = take_locked(from);
    if (number == 0) break;
    own.indices[own.count++] = number;
  }
  return take_locked(from);
}

[[gnu::noinline]] void flush(place kind, index_stack& own, std::uint32_t keep) noexcept {
  pool& to = pool_of(kind);
  const lock_guard guard(to.guard, to.rank());
  while (own.count > keep) give_locked(to, own.indices[--own.count]);
}

}  // namespace

std::uint32_t take_place(place kind) noexcept {
  thread_slot& self = this_thread();
  index_stack& own = stack_of(self, kind);
  if (own.count > 0) return own.indices[--own.count];
  return refill(kind, self);
}

void give_place(place kind, std::uint32_t number) noexcept {
  thread_slot& self = this_thread();
  if (!self.is_registered()) {
    pool& to = pool_of(kind);
    const lock_guard guard(to.guard, to.rank());
    give_locked(to, number);
    return;
  }
  index_stack& own = stack_of(self, kind);
  if (own.count == index_stack::room) flush(kind, own, batch_places);
  own.indices[own.count++] = number;
}

std::uint32_t places_end(place kind) noexcept {
  return read_beside(pool_of(kind).used) * slab_places;
}

std::uint64_t place_pages() noexcept {
  std::uint64_t slabs = 0;
  for (pool* each : {&lanes, &first_blocks}) {
    const lock_guard guard(each->guard, each->rank());
    slabs += each->used - each->gone;
  }
  return slabs * slab_pages;
}

std::uint64_t idle_place_pages() noexcept {
  std::uint64_t slabs = 0;
  for (pool* each : {&lanes, &first_blocks}) {
    const lock_guard guard(each->guard, each->rank());
    slabs += each->idle;
  }
  return slabs * slab_pages;
}

void give_back_places(thread_slot& slot) noexcept {
  flush(place::lane, slot.lanes, 0);
  flush(place::first_block, slot.first_blocks, 0);
}

void give_up_unused_places() noexcept {
  for (const pool* each : {&lanes, &first_blocks})
    give_up_from(part_of(*each), each->used * slab_pages);
}

void return_gone_places() noexcept {
  for (const pool* each : {&lanes, &first_blocks}) {
    for (std::uint32_t index = 0; index < each->used; ++index) {
      if (!each->slab_at(index).is_resident) static_cast<void>(return_slab(*each, index));
    }
  }
}

void lock_places() noexcept {
  lanes.guard.acquire(lanes.rank());
  first_blocks.guard.acquire(first_blocks.rank());
}
void unlock_places() noexcept {
  first_blocks.guard.release(first_blocks.rank());
  lanes.guard.release(lanes.rank());
}
void reset_places() noexcept {
  lanes.guard.reset(lanes.rank());
  first_blocks.guard.reset(first_blocks.rank());
}

}  // namespace connarena
