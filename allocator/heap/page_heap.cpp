#include "heap/page_heap.hpp"

#include <algorithm>

#include "base/checks.hpp"
#include "heap/page_lists.hpp"
#include "heap/page_tables.hpp"
#include "heap/region.hpp"
#include "heap/retention.hpp"
#include "heap/thread_cache.hpp"
#include "os/lock.hpp"
#include "os/os.hpp"

namespace connarena {
namespace {

struct page_heap {
  lock guard;
  region_part* part = nullptr;
  page_index frontier = 0;  ///< pages from here on were never used
  page_lists cached;
  page_lists clean;
  std::uint32_t clock = 0;
  std::uint32_t longest = 0;                   ///< request of late
  std::atomic<std::uint64_t> cached_pages{0};  ///< written under the lock
};

constinit page_heap heaps[source_count];

void add(std::atomic<std::uint64_t>& count, std::uint64_t change) noexcept {
  count.store(count.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
}

page_heap& heap_of(page_source source) noexcept { return heaps[static_cast<std::size_t>(source)]; }

region_part& part_of(page_source source) noexcept {
  if (source == page_source::small) return region.small;
  return source == page_source::runs ? region.runs : region.base_runs;
}

void ready(page_heap& heap, page_source source) noexcept {
  if (heap.part != nullptr) return;
  heap.part = &part_of(source);
  heap.frontier = heap.part->begin;
}

/// On an edge's index: a run started here whose arena was released.
constexpr std::uint32_t was_released = 1;

void mark_edge(page_index page, page_kind kind) noexcept {
  std::atomic<std::uint32_t>& word = region.owners[page];
  const std::uint32_t owner = word.load(std::memory_order_relaxed);
  const bool released = kind_of(owner) == page_kind::released || index_of(owner) == was_released;
  const page_kind plain = released ? page_kind::released : page_kind::none;
  word.store(kind == page_kind::none ? make_owner(plain, 0)
                                     : make_owner(kind, released ? was_released : 0),
             std::memory_order_relaxed);
}

/// `none` takes the marks off.
void mark_edges(page_index first, std::uint32_t pages, page_kind kind) noexcept {
  mark_edge(first, kind);
  if (pages > 1) mark_edge(first + pages - 1, kind);
}

bool is_edge(page_index page, page_kind kind) noexcept {
  return kind_of(region.owners[page].load(std::memory_order_relaxed)) == kind;
}

void remove(page_lists& from, page_index first) noexcept {
  mark_edges(first, region.infos[first].pages, page_kind::none);
  from.remove(first);
}

/// Puts a run into the lists of its kind, merged with its neighbours there.
/// Gives the first page of what it became part of.
page_index insert(page_heap& heap, page_lists& into, page_kind edge, page_index first,
                  std::uint32_t pages) noexcept {
  if (first > heap.part->begin && is_edge(first - 1, edge)) {
    const std::uint32_t before = region.infos[first - 1].pages;
    first -= before;
    pages += before;
    remove(into, first);
  }
  if (first + pages < heap.frontier && is_edge(first + pages, edge)) {
    const page_index after = first + pages;
    pages += region.infos[after].pages;
    remove(into, after);
  }
  mark_edges(first, pages, edge);
  region.infos[first + pages - 1].pages = pages;
  into.push(first, pages);
  return first;
}

page_index insert_clean(page_heap& heap, page_index first, std::uint32_t pages) noexcept {
  return insert(heap, heap.clean, page_kind::free_edge, first, pages);
}

void push_cached(page_heap& heap, page_index first, std::uint32_t pages,
                 std::uint32_t came_at) noexcept {
  add(heap.cached_pages, pages);
  const page_index merged = insert(heap, heap.cached, page_kind::cached_edge, first, pages);
  region.infos[merged].extra = came_at;
}

/// Takes the first pages of a cached run out; the rest stays, as old as it is.
void cut_cached(page_heap& heap, page_index first, std::uint32_t pages) noexcept {
  const std::uint32_t length = region.infos[first].pages;
  const std::uint32_t came_at = region.infos[first].extra;
  remove(heap.cached, first);
  add(heap.cached_pages, -std::uint64_t{length});
  if (length > pages) push_cached(heap, first + pages, length - pages, came_at);
}

// Short runs come back to a thread's cache, not beside the rest of what they were
// cut from: they are not cut from runs that are much longer and no more than what
// long requests may soon take.
constexpr std::uint32_t most_cut = 8;

page_index find_cached(page_heap& heap, std::uint32_t pages) noexcept {
  heap.longest = std::max(heap.longest, pages);
  const page_index first = heap.cached.find(pages);
  if (first == 0) return 0;
  const std::uint32_t length = region.infos[first].pages;
  if (pages <= exact_run_pages && length > most_cut * pages && length <= most_cut * heap.longest) {
    return 0;
  }
  return first;
}

page_index take_clean(page_heap& heap, std::uint32_t pages) noexcept {
  const page_index first = heap.clean.find(pages);
  if (first != 0) {
    const std::uint32_t length = region.infos[first].pages;
    remove(heap.clean, first);
    if (length > pages) insert_clean(heap, first + pages, length - pages);
    return first;
  }
  if (pages > heap.part->end - heap.frontier) return 0;
  const page_index fresh = heap.frontier;
  if (!commit_part(*heap.part, fresh + pages)) return 0;
  heap.frontier = fresh + pages;
  retention::count_described(pages);
  return fresh;
}

/// A run that is on its way to the system.
struct leaving_run {
  page_index first = 0;
  std::uint32_t pages = 0;
};

leaving_run take_oldest(page_heap& heap, std::uint64_t most_pages) noexcept {
  const lock_guard guard(heap.guard);
  heap.longest -= heap.longest / most_cut;
  const page_index first = heap.cached.oldest(heap.clock);
  if (first == 0) return {};
  const auto pages =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(region.infos[first].pages, most_pages));
  cut_cached(heap, first, pages);
  return {first, pages};
}

/// Returns cached pages of a heap to the system; the lock is free meanwhile.
std::uint32_t purge_oldest(page_source source, std::uint64_t most_pages) noexcept {
  page_heap& heap = heap_of(source);
  const leaving_run run = take_oldest(heap, most_pages);
  if (run.pages == 0) return 0;
  const bool went = os::purge(page_address(run.first), std::size_t{run.pages} << page_shift);
  const lock_guard guard(heap.guard);
  if (went) {
    const page_index merged = insert_clean(heap, run.first, run.pages);
    const page_index end = run.first + run.pages;
    if (source == page_source::small) {
      forget_small_pages(run.first, end, merged);
    } else {
      forget_run_pages(run.first, end, merged);
    }
    return run.pages;
  }
  push_cached(heap, run.first, run.pages, ++heap.clock);
  return 0;
}

/// Takes the first pages of a cached run into use; none if `first` is 0. Pre: the
/// heap's lock is held, and the thread is known: a thread's registration has a lock of
/// a lower rank.
page_run use_cached(page_heap& heap, page_index first, std::uint32_t pages) noexcept {
  if (first == 0) return {0, 0};
  cut_cached(heap, first, pages);
  retention::add_cached(-static_cast<std::int64_t>(pages));
  return {first, pages};
}

page_run take_cached_run(page_heap& heap, std::uint32_t pages) noexcept {
  return use_cached(heap, find_cached(heap, pages), pages);
}

/// A run from the heap's own lists. Falls back to merging what is cached.
page_run take_from_heap(page_source from, std::uint32_t pages, std::uint32_t spare_pages) noexcept {
  static_cast<void>(this_thread());
  page_heap& heap = heap_of(from);
  for (int attempt = 0; attempt < 2; ++attempt) {
    {
      const lock_guard guard(heap.guard);
      ready(heap, from);
      const page_run cached = spare_pages == 0 ? take_cached_run(heap, pages) : page_run{0, 0};
      if (cached.first != 0) return cached;
      if (const page_index first = take_clean(heap, pages + spare_pages)) return {first, 0};
    }
    if (purge_cached(UINT64_MAX) == 0) break;
  }
  return {0, 0};
}

void give_to_heap(page_source to, page_index first, std::uint32_t pages,
                  std::uint32_t resident) noexcept {
  page_heap& heap = heap_of(to);
  const lock_guard guard(heap.guard);
  // A span keeps its table with it; a run's untouched end is clean.
  const std::uint32_t cached = to == page_source::small && resident != 0 ? pages : resident;
  if (cached < pages) insert_clean(heap, first + cached, pages - cached);
  if (cached == 0) return;
  push_cached(heap, first, cached, ++heap.clock);
  retention::add_cached(cached);
}

}  // namespace

page_run take_pages(page_source from, std::uint32_t pages, std::uint32_t spare_pages) noexcept {
  if (pages <= exact_run_pages && spare_pages == 0) {
    const page_run kept = take_kept(this_thread(), from, pages);
    if (kept.first != 0) return kept;
  }
  return take_from_heap(from, pages, spare_pages);
}

page_run take_cached_pages(page_source from, std::uint32_t pages) noexcept {
  thread_slot& self = this_thread();
  if (pages <= exact_run_pages) {
    const page_run kept = take_kept(self, from, pages);
    if (kept.first != 0) return kept;
  }
  page_heap& heap = heap_of(from);
  if (heap.cached_pages.load(std::memory_order_relaxed) < pages) return {0, 0};
  const lock_guard guard(heap.guard);
  return take_cached_run(heap, pages);
}

page_run take_cached_room(page_source from, std::uint32_t pages,
                          std::uint32_t room_pages) noexcept {
  page_heap& heap = heap_of(from);
  if (heap.cached_pages.load(std::memory_order_relaxed) < room_pages) return {0, 0};
  static_cast<void>(this_thread());
  const lock_guard guard(heap.guard);
  return use_cached(heap, heap.cached.find(room_pages), pages);
}

page_run take_aligned_pages(page_source from, std::uint32_t pages,
                            std::uint32_t alignment_pages) noexcept {
  if (alignment_pages <= 1) return take_pages(from, pages);
  page_heap& heap = heap_of(from);
  const lock_guard guard(heap.guard);
  ready(heap, from);
  const std::uint32_t taken = pages + alignment_pages - 1;
  const page_index first = take_clean(heap, taken);
  if (first == 0) return {0, 0};
  // Alignment is of the address: the region itself starts on any page.
  const std::uint32_t origin =
      static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(region.base) >> page_shift);
  const std::uint32_t lead = -(origin + first) & (alignment_pages - 1);
  if (lead != 0) insert_clean(heap, first, lead);
  const page_index end = first + lead + pages;
  if (end < first + taken) insert_clean(heap, end, first + taken - end);
  return {first + lead, 0};
}

void give_pages(page_source to, page_index first, std::uint32_t pages,
                std::uint32_t resident) noexcept {
  thread_slot& self = this_thread();
  if (resident != 0 && has_room(self, pages)) return keep(self, to, first, pages, resident);
  give_to_heap(to, first, pages, resident);
  retention::enforce();
}

page_run extend_pages(page_source from, page_index end, std::uint32_t pages) noexcept {
  static_cast<void>(this_thread());
  page_heap& heap = heap_of(from);
  const lock_guard guard(heap.guard);
  if (end == heap.frontier) {
    if (pages > heap.part->end - end || !commit_part(*heap.part, end + pages)) return {0, 0};
    heap.frontier = end + pages;
    retention::count_described(pages);
    return {end, 0};
  }
  if (end > heap.frontier) return {0, 0};
  const bool is_cached = is_edge(end, page_kind::cached_edge);
  if (!is_cached && !is_edge(end, page_kind::free_edge)) return {0, 0};
  const std::uint32_t length = region.infos[end].pages;
  if (length < pages) return {0, 0};
  if (is_cached) return use_cached(heap, end, pages);
  remove(heap.clean, end);
  if (length > pages) insert_clean(heap, end + pages, length - pages);
  return {end, 0};
}

std::uint64_t purge_cached(std::uint64_t pages) noexcept {
  std::uint64_t gone = 0;
  for (bool some = true; some && gone < pages;) {
    some = false;
    for (std::size_t i = 0; i < source_count && gone < pages; ++i) {
      const std::uint32_t went = purge_oldest(static_cast<page_source>(i), pages - gone);
      if (went == 0) continue;
      retention::add_cached(-static_cast<std::int64_t>(went));
      gone += went;
      some = true;
    }
  }
  return gone;
}

std::uint64_t cached_pages() noexcept {
  std::uint64_t sum = 0;
  for (page_heap& heap : heaps) {
    const lock_guard guard(heap.guard);
    sum += heap.cached_pages.load(std::memory_order_relaxed);
  }
  return sum;
}

void give_back_cached(thread_slot& slot) noexcept {
  for (std::size_t source = 0; source < source_count; ++source) {
    for (std::uint32_t pages = 1; pages <= exact_run_pages; ++pages) {
      std::uint32_t& bin = slot.bins[source][pages - 1];
      while (const page_index first = bin) {
        bin = region.infos[first].next;
        slot.cached_pages -= pages;
        give_to_heap(static_cast<page_source>(source), first, pages, region.infos[first].extra);
      }
    }
  }
  retention::enforce();
}

void lock_page_heaps() noexcept {
  for (page_heap& heap : heaps) heap.guard.acquire();
}
void unlock_page_heaps() noexcept {
  for (page_heap& heap : heaps) heap.guard.release();
}
void reset_page_heaps() noexcept {
  for (page_heap& heap : heaps) heap.guard.reset();
}

}  // namespace connarena
