#include "heap/free_pages.hpp"

#include <algorithm>

#include "heap/page_infos.hpp"
#include "heap/page_tables.hpp"
#include "heap/retention.hpp"

namespace connarena {
namespace {

/// On an edge's index: a run started here whose arena was released.
constexpr std::uint32_t was_released = 1;

region_part& part_of(page_source source) noexcept {
  if (source == page_source::small) return region.small;
  return source == page_source::runs ? region.runs : region.base_runs;
}

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
  mark_edges(first, free_info(first).pages(), page_kind::none);
  from.remove(first);
}

void add(std::atomic<std::uint64_t>& count, std::uint64_t change) noexcept {
  count.store(count.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
}

}  // namespace

void free_pages::be_ready(page_source source) noexcept {
  if (part_ != nullptr) return;
  part_ = &part_of(source);
  frontier_ = part_->begin;
}

std::uint32_t free_pages::least_rest() const noexcept {
  return part_ == &region.small ? 1 : run_pages_a_page + 1;
}

/// Puts a run into the lists of its kind, merged with its neighbours there.
/// Gives the first page of what it became part of.
page_index free_pages::insert(page_lists& into, page_kind edge, page_index first,
                              std::uint32_t pages) noexcept {
  if (first > part_->begin && is_edge(first - 1, edge)) {
    const std::uint32_t before = free_info(first - 1).pages();
    first -= before;
    pages += before;
    remove(into, first);
  }
  if (first + pages < frontier_ && is_edge(first + pages, edge)) {
    const page_index after = first + pages;
    pages += free_info(after).pages();
    remove(into, after);
  }
  mark_edges(first, pages, edge);
  free_info(first + pages - 1).pages() = pages;
  into.push(first, pages);
  return first;
}

void free_pages::add_clean(page_index first, std::uint32_t pages) noexcept {
  insert(clean_, page_kind::free_edge, first, pages);
}

void free_pages::insert_cached(page_index first, std::uint32_t pages,
                               std::uint32_t came_at) noexcept {
  add(cached_count_, pages);
  const page_index merged = insert(cached_, page_kind::cached_edge, first, pages);
  cached_info(merged).came_at() = came_at;
}

void free_pages::add_cached(page_index first, std::uint32_t pages) noexcept {
  insert_cached(first, pages, ++clock_);
}

std::uint32_t free_pages::cached_at(page_index first) const noexcept {
  return first < frontier_ && is_edge(first, page_kind::cached_edge) ? free_info(first).pages() : 0;
}

std::uint32_t free_pages::clean_at(page_index first) const noexcept {
  return first < frontier_ && is_edge(first, page_kind::free_edge) ? free_info(first).pages() : 0;
}

void free_pages::cut_cached(page_index first, std::uint32_t pages, std::uint32_t lead) noexcept {
  const std::uint32_t length = free_info(first).pages();
  const std::uint32_t came_at = cached_info(first).came_at();
  remove(cached_, first);
  add(cached_count_, -std::uint64_t{length});
  if (lead != 0) insert_cached(first, lead, came_at);
  const std::uint32_t used = lead + pages;
  if (length > used) insert_cached(first + used, length - used, came_at);
}

void free_pages::cut_clean(page_index first, std::uint32_t pages) noexcept {
  const std::uint32_t length = free_info(first).pages();
  remove(clean_, first);
  if (length > pages) add_clean(first + pages, length - pages);
}

bool free_pages::take_fresh(page_index first, std::uint32_t pages) noexcept {
  if (first != frontier_ || pages > part_->end - first) return false;
  if (!commit_part(*part_, first + pages)) return false;
  frontier_ = first + pages;
  retention::count_described(pages);
  return true;
}

page_index free_pages::take_clean(std::uint32_t pages) noexcept {
  if (const page_index first = clean_.find(pages, least_rest())) {
    cut_clean(first, pages);
    return first;
  }
  const page_index fresh = frontier_;
  return take_fresh(fresh, pages) ? fresh : 0;
}

/// Takes clean pages out that lie right before a page; gives how many, all or none.
std::uint32_t free_pages::take_clean_before(page_index page, std::uint32_t pages) noexcept {
  if (pages == 0 || !is_edge(page - 1, page_kind::free_edge)) return 0;
  const std::uint32_t length = free_info(page - 1).pages();
  if (length < pages) return 0;
  remove(clean_, page - length);
  if (length > pages) add_clean(page - length, length - pages);
  return pages;
}

/// The same of those that start at a page.
std::uint32_t free_pages::take_clean_behind(page_index page, std::uint32_t pages) noexcept {
  if (pages == 0 || clean_at(page) < pages) return 0;
  cut_clean(page, pages);
  return pages;
}

leaving_run free_pages::take_oldest(std::uint64_t most_bytes) noexcept {
  const page_index first = cached_.oldest(clock_);
  if (first == 0) return {};
  const std::uint32_t length = free_info(first).pages();
  const auto most_pages = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(most_bytes >> part_->shift, length - 1) + 1);
  const page_index end = std::min(whole_pages_end(*part_, first + most_pages), first + length);
  cut_cached(first, end - first);
  return {first, end - first, take_clean_before(first, first - whole_pages_begin(*part_, first)),
          take_clean_behind(end, whole_pages_end(*part_, end) - end)};
}

void free_pages::settle(const leaving_run& run, bool is_clean) noexcept {
  if (!is_clean) {
    add_cached(run.first, run.pages);
    if (run.before != 0) add_clean(run.first - run.before, run.before);
    if (run.behind != 0) add_clean(run.first + run.pages, run.behind);
    return;
  }
  const page_index first = run.first - run.before;
  const page_index end = run.first + run.pages + run.behind;
  const page_index merged = insert(clean_, page_kind::free_edge, first, end - first);
  if (part_ == &region.small) {
    forget_small_pages(first, end, merged);
  } else {
    forget_run_pages(first, end, merged);
  }
}

}  // namespace connarena
