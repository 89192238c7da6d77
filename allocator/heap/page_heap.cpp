#include "heap/page_heap.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "heap/free_pages.hpp"
#include "heap/page_infos.hpp"
#include "heap/region.hpp"
#include "os/lock.hpp"

namespace connarena {
namespace {

struct page_heap {
  lock guard;
  free_pages pages;
};

constinit page_heap heaps[source_count];

page_heap& heap_of(page_source source) noexcept { return heaps[static_cast<std::size_t>(source)]; }

lock_rank rank_of(const page_heap& heap) noexcept {
  return static_cast<lock_rank>(static_cast<std::size_t>(lock_rank::page_heap) +
                                static_cast<std::size_t>(&heap - heaps));
}
static_assert(static_cast<std::size_t>(lock_rank::page_heap) + source_count ==
              static_cast<std::size_t>(lock_rank::reservation));

/// Takes the oldest cached units of a heap, up to so many bytes: gives how many runs. Their
/// number is limited, since nobody may use them until they have gone.
std::size_t take_oldest(page_source source, std::uint64_t most_bytes, leaving_run* runs) noexcept {
  page_heap& heap = heap_of(source);
  const lock_guard guard(heap.guard, rank_of(heap));
  std::size_t count = 0;
  for (std::uint64_t bytes = 0; count < most_ranges_purged && bytes < most_bytes; ++count) {
    runs[count] = heap.pages.take_oldest(most_bytes - bytes);
    if (runs[count].units == 0) break;
    bytes += std::uint64_t{runs[count].units} << shift_of(source);
  }
  return count;
}

/// Returns cached units of a heap to the system; the lock is free meanwhile. Gives the
/// bytes.
std::uint64_t purge_oldest(page_source source, std::uint64_t most_bytes) noexcept {
  leaving_run runs[most_ranges_purged];
  unit_range ranges[most_ranges_purged];
  bool went[most_ranges_purged];
  const std::size_t count = take_oldest(source, most_bytes, runs);
  if (count == 0) return 0;
  std::transform(runs, runs + count, ranges, [](const leaving_run& run) {
    return unit_range{run.first - run.before, run.before + run.units + run.behind};
  });
  purge_units(ranges, count, went);
  page_heap& heap = heap_of(source);
  const lock_guard guard(heap.guard, rank_of(heap));
  std::uint64_t gone = 0;
  for (std::size_t i = 0; i < count; ++i) {
    heap.pages.add_left(runs[i], went[i]);
    if (went[i]) gone += std::uint64_t{runs[i].units} << shift_of(source);
  }
  return gone;
}

std::uint64_t due_bytes_of(const page_heap& heap) noexcept {
  const auto source = static_cast<page_source>(&heap - heaps);
  return heap.pages.due_count() << shift_of(source);
}

/// Returns up to so many bytes of cached pages, of each heap as many as `most_of(heap)`
/// says. Gives how many went.
template <typename MostOf>
std::uint64_t purge_as_far(std::uint64_t bytes, MostOf most_of) noexcept {
  std::uint64_t gone = 0;
  for (bool some = true; some && gone < bytes;) {
    some = false;
    for (std::size_t i = 0; i < source_count && gone < bytes; ++i) {
      const std::uint64_t most = std::min<std::uint64_t>(bytes - gone, most_of(heaps[i]));
      const std::uint64_t went = most != 0 ? purge_oldest(static_cast<page_source>(i), most) : 0;
      gone += went;
      some = some || went != 0;
    }
  }
  return gone;
}

/// Takes the first units of a cached run into use; none if `first` is 0. Pre: the
/// heap's lock is held, and the thread is known: a thread's registration has a lock of
/// a lower rank.
page_run use_cached(page_heap& heap, unit_index first, std::uint32_t units) noexcept {
  if (first == 0) return {0, 0};
  heap.pages.cut_cached(first, units);
  return {first, units};
}

page_run take_cached_run(page_heap& heap, std::uint32_t units) noexcept {
  return use_cached(heap, heap.pages.find_cached(units), units);
}

/// Units from one to the next whose address is so aligned: the region itself starts on
/// any page.
std::uint32_t units_to_alignment(const page_heap& heap, unit_index unit,
                                 std::uint32_t alignment_units) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(address_in(heap.pages.part(), unit));
  return -static_cast<std::uint32_t>(address >> heap.pages.part().shift) & (alignment_units - 1);
}

/// An aligned run inside a cached one: inside one of its length, if that happens to be
/// aligned, or else of one that is long enough for certain.
page_run take_cached_aligned(page_heap& heap, std::uint32_t units,
                             std::uint32_t alignment_units) noexcept {
  for (const std::uint32_t enough : {units, units + alignment_units - 1}) {
    const unit_index first = heap.pages.find_cached(enough);
    if (first == 0) return {0, 0};
    const std::uint32_t lead = units_to_alignment(heap, first, alignment_units);
    if (lead + units > free_info(first).units()) continue;
    heap.pages.cut_cached(first, units, lead);
    return {first + lead, units};
  }
  return {0, 0};
}

}  // namespace

page_run take_from_heap(page_source from, std::uint32_t units, std::uint32_t spare_units) noexcept {
  page_heap& heap = heap_of(from);
  const lock_guard guard(heap.guard, rank_of(heap));
  heap.pages.be_ready(from);
  const page_run cached = spare_units == 0 ? take_cached_run(heap, units) : page_run{0, 0};
  return cached.first != 0 ? cached : page_run{heap.pages.take_clean(units + spare_units), 0};
}

page_run take_cached_from_heap(page_source from, std::uint32_t units) noexcept {
  page_heap& heap = heap_of(from);
  if (heap.pages.cached_count() < units) return {0, 0};
  const lock_guard guard(heap.guard, rank_of(heap));
  return take_cached_run(heap, units);
}

page_run take_cached_room(page_source from, std::uint32_t units,
                          std::uint32_t room_units) noexcept {
  page_heap& heap = heap_of(from);
  if (heap.pages.cached_count() < room_units) return {0, 0};
  static_cast<void>(this_thread());
  const lock_guard guard(heap.guard, rank_of(heap));
  return use_cached(heap, heap.pages.find_cached(room_units), units);
}

page_run take_aligned_from_heap(page_source from, std::uint32_t units,
                                std::uint32_t alignment_units) noexcept {
  page_heap& heap = heap_of(from);
  const lock_guard guard(heap.guard, rank_of(heap));
  heap.pages.be_ready(from);
  const page_run cached = take_cached_aligned(heap, units, alignment_units);
  if (cached.first != 0) return cached;
  const std::uint32_t taken = units + alignment_units - 1;
  const unit_index first = heap.pages.take_clean(taken);
  if (first == 0) return {0, 0};
  const std::uint32_t lead = units_to_alignment(heap, first, alignment_units);
  if (lead != 0) heap.pages.add_clean(first, lead);
  const unit_index end = first + lead + units;
  if (end < first + taken) heap.pages.add_clean(end, first + taken - end);
  return {first + lead, 0};
}

void give_to_heap(page_source to, unit_index first, std::uint32_t units,
                  std::uint32_t resident) noexcept {
  page_heap& heap = heap_of(to);
  const lock_guard guard(heap.guard, rank_of(heap));
  // A span keeps its table with it; a run's untouched end is clean.
  const std::uint32_t cached = to == page_source::small && resident != 0 ? units : resident;
  if (cached < units) heap.pages.add_clean(first + cached, units - cached);
  if (cached == 0) return;
  heap.pages.add_cached(first, cached);
}

void give_to_heap(page_source to, unit_index first_of_chain, chain_of what) noexcept {
  if (first_of_chain == 0) return;
  page_heap& heap = heap_of(to);
  const lock_guard guard(heap.guard, rank_of(heap));
  std::uint64_t units = 0;
  for (unit_index run = first_of_chain; run != 0;) {
    const unit_index next = kept_info(run).next();
    units += free_info(run).units();
    heap.pages.add_cached(run, free_info(run).units());
    run = next;
  }
  if (what == chain_of::unwanted) heap.pages.add_untouched(units);
}

const free_pages& pages_of_heap(page_source source) noexcept { return heap_of(source).pages; }

page_run extend_pages(page_source from, unit_index end, std::uint32_t units) noexcept {
  static_cast<void>(this_thread());
  page_heap& heap = heap_of(from);
  const lock_guard guard(heap.guard, rank_of(heap));
  if (heap.pages.cached_at(end) >= units) return use_cached(heap, end, units);
  if (heap.pages.clean_at(end) >= units) {
    heap.pages.cut_clean(end, units);
    return {end, 0};
  }
  return heap.pages.take_fresh(end, units) ? page_run{end, 0} : page_run{0, 0};
}

std::uint64_t purge_heaps(std::uint64_t bytes) noexcept {
  return purge_as_far(bytes, [](const page_heap&) { return UINT64_MAX; });
}

std::uint64_t purge_due(std::uint64_t bytes) noexcept { return purge_as_far(bytes, due_bytes_of); }

void end_epoch_of_page_heaps() noexcept {
  for (page_heap& heap : heaps) {
    const lock_guard guard(heap.guard, rank_of(heap));
    heap.pages.end_epoch();
  }
}

void add_untouched_pages(std::uint64_t pages) noexcept {
  page_heap& heap = heap_of(page_source::small);
  const lock_guard guard(heap.guard, rank_of(heap));
  heap.pages.add_untouched(pages);
}

std::uint64_t cached_small_pages() noexcept {
  return heap_of(page_source::small).pages.cached_count();
}

std::uint64_t due_bytes() noexcept {
  return std::accumulate(
      std::begin(heaps), std::end(heaps), std::uint64_t{0},
      [](std::uint64_t sum, const page_heap& heap) { return sum + due_bytes_of(heap); });
}

std::uint64_t cached_bytes() noexcept {
  std::uint64_t sum = 0;
  for (std::size_t source = 0; source < source_count; ++source) {
    sum += heaps[source].pages.cached_count() << shift_of(static_cast<page_source>(source));
  }
  return sum;
}

void give_up_unused_pages() noexcept {
  for (std::size_t source = 0; source < source_count; ++source) {
    free_pages& pages = heaps[source].pages;
    pages.be_ready(static_cast<page_source>(source));
    pages.give_up_unused();
  }
}
void return_clean_pages() noexcept {
  for (page_heap& heap : heaps) heap.pages.return_clean();
}

void check_page_heaps() noexcept {
  for (page_heap& heap : heaps) {
    const lock_guard guard(heap.guard, rank_of(heap));
    static_cast<void>(check_whole(heap.pages));
  }
}

void lock_page_heaps() noexcept {
  for (page_heap& heap : heaps) heap.guard.acquire(rank_of(heap));
}
void unlock_page_heaps() noexcept {
  for (page_heap& heap : heaps) heap.guard.release(rank_of(heap));
}
void reset_page_heaps() noexcept {
  for (page_heap& heap : heaps) heap.guard.reset(rank_of(heap));
}

}  // namespace connarena
