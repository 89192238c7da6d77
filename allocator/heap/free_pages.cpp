#include "heap/free_pages.hpp"

#include <algorithm>

#include "base/checked.hpp"
#include "heap/commits.hpp"
#include "heap/page_infos.hpp"
#include "heap/page_tables.hpp"
#include "heap/reservation.hpp"
#include "heap/retention.hpp"

namespace connarena {
namespace {

region_part& part_of(page_source source) noexcept {
  if (source == page_source::small) return region.small;
  return source == page_source::runs ? region.runs : region.base_runs;
}

/// `none` takes the mark off.
void mark_edge(unit_index unit, page_kind kind, std::uint32_t number) noexcept {
  std::atomic<std::uint32_t>& word = region.owners[unit];
  const bool released = was_released(word.load(std::memory_order_relaxed));
  const page_kind plain = released ? page_kind::released : page_kind::none;
  word.store(kind == page_kind::none ? make_owner(plain, 0) : make_edge(kind, number, released),
             std::memory_order_relaxed);
}

void add(std::atomic<std::uint64_t>& count, std::uint64_t change) noexcept {
  count.store(count.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
}

}  // namespace

void free_pages::be_ready(page_source source) noexcept {
  if (part_ != nullptr) return;
  part_ = &part_of(source);
  frontier_.store(part_->begin, std::memory_order_relaxed);
}

void free_pages::be_ready_beside(const free_pages& heaps, page_source source,
                                 std::uint32_t number) noexcept {
  part_ = &part_of(source);
  heaps_ = &heaps;
  number_ = number;
}

bool free_pages::is_edge(unit_index unit, page_kind kind) const noexcept {
  const std::uint32_t owner = region.owners[unit].load(std::memory_order_relaxed);
  return kind_of(owner) == kind && number_of_edge(owner) == number_;
}

/// `none` takes the marks off.
void free_pages::mark_edges(unit_index first, std::uint32_t units, page_kind kind) const noexcept {
  mark_edge(first, kind, number_);
  if (units > 1) mark_edge(first + units - 1, kind, number_);
}

void free_pages::remove(page_lists& from, unit_index first) const noexcept {
  mark_edges(first, free_info(first).units(), page_kind::none);
  from.remove(first);
}

std::uint32_t free_pages::least_rest() const noexcept {
  return part_ == &region.small ? 1 : quarters_a_page + 1;
}

/// Puts a run into the lists of its kind, merged with its neighbours there.
/// Gives the first page of what it became part of.
unit_index free_pages::insert(page_lists& into, page_kind edge, unit_index first,
                              std::uint32_t units) noexcept {
  if (first > part_->begin && is_edge(first - 1, edge)) {
    const std::uint32_t before = free_info(first - 1).units();
    first -= before;
    units += before;
    remove(into, first);
  }
  if (first + units < frontier() && is_edge(first + units, edge)) {
    const unit_index after = first + units;
    units += free_info(after).units();
    remove(into, after);
  }
  mark_edges(first, units, edge);
  free_info(first + units - 1).set_units(units);
  into.push(first, units);
  return first;
}

void free_pages::add_clean(unit_index first, std::uint32_t units) noexcept {
  const checked<free_pages> ends(*this);
  insert(clean_, page_kind::free_edge, first, units);
}

void free_pages::insert_cached(unit_index first, std::uint32_t units,
                               std::uint32_t came_at) noexcept {
  add(cached_count_, units);
  const unit_index merged = insert(cached_, page_kind::cached_edge, first, units);
  cached_info(merged).set_came_at(came_at);
}

void free_pages::add_cached(unit_index first, std::uint32_t units) noexcept {
  const checked<free_pages> ends(*this);
  insert_cached(first, units, ++clock_);
}

std::uint32_t free_pages::cached_at(unit_index first) const noexcept {
  return first < frontier() && is_edge(first, page_kind::cached_edge) ? free_info(first).units()
                                                                      : 0;
}

std::uint32_t free_pages::clean_at(unit_index first) const noexcept {
  return first < frontier() && is_edge(first, page_kind::free_edge) ? free_info(first).units() : 0;
}

void free_pages::cut_cached(unit_index first, std::uint32_t units, std::uint32_t lead) noexcept {
  const checked<free_pages> ends(*this);
  const std::uint32_t length = free_info(first).units();
  const std::uint32_t came_at = cached_info(first).came_at();
  remove(cached_, first);
  add(cached_count_, -std::uint64_t{length});
  if (lead != 0) insert_cached(first, lead, came_at);
  const std::uint32_t used = lead + units;
  if (length > used) insert_cached(first + used, length - used, came_at);
  note_wanted();
}

/// Units have left the cache for use: what is due was wanted after all.
void free_pages::note_wanted() noexcept {
  least_cached_ = std::min(least_cached_, cached_count());
  if (due_count() > least_cached_) due_count_.store(least_cached_, std::memory_order_relaxed);
}

void free_pages::cut_clean(unit_index first, std::uint32_t units) noexcept {
  const checked<free_pages> ends(*this);
  const std::uint32_t length = free_info(first).units();
  remove(clean_, first);
  if (length > units) add_clean(first + units, length - units);
}

bool free_pages::take_fresh(unit_index first, std::uint32_t units) noexcept {
  const checked<free_pages> ends(*this);
  if (first != frontier() || units > part_->end - first) return false;
  if (!commit_part(*part_, first + units)) return false;
  frontier_.store(first + units, std::memory_order_relaxed);
  retention::count_described(units);
  return true;
}

unit_index free_pages::take_clean(std::uint32_t units) noexcept {
  const checked<free_pages> ends(*this);
  if (const unit_index first = clean_.find(units, least_rest())) {
    cut_clean(first, units);
    return first;
  }
  const unit_index fresh = frontier();
  return take_fresh(fresh, units) ? fresh : 0;
}

/// Takes clean units out that lie right before one; gives how many, all or none.
std::uint32_t free_pages::take_clean_before(unit_index unit, std::uint32_t units) noexcept {
  if (units == 0 || !is_edge(unit - 1, page_kind::free_edge)) return 0;
  const std::uint32_t length = free_info(unit - 1).units();
  if (length < units) return 0;
  remove(clean_, unit - length);
  if (length > units) add_clean(unit - length, length - units);
  return units;
}

/// The same of those that start at one.
std::uint32_t free_pages::take_clean_behind(unit_index unit, std::uint32_t units) noexcept {
  if (units == 0 || clean_at(unit) < units) return 0;
  cut_clean(unit, units);
  return units;
}

void free_pages::give_up_unused() noexcept { give_up_from(*part_, frontier()); }

void free_pages::return_clean() noexcept {
  if (part_ == nullptr) return;
  clean_.each([this](unit_index first) noexcept {
    // What they share of the system's pages with others is zero as it is.
    const unit_index end = first + free_info(first).units();
    const unit_index inner = whole_pages_end(*part_, first);
    const unit_index inner_end = whole_pages_begin(*part_, end);
    if (inner < inner_end) static_cast<void>(purge_units(inner, inner_end - inner));
    forget(first, end, first);
  });
}

/// What the tables say of pages that became part of a clean run.
void free_pages::forget(unit_index first, unit_index end, unit_index merged) const noexcept {
  if (part_ == &region.small) {
    forget_small_pages(first, end, merged);
  } else {
    forget_quarters(first, end, merged);
  }
}

void free_pages::end_epoch() noexcept {
  due_count_.store(std::min(least_cached_, least_cached_before_), std::memory_order_relaxed);
  least_cached_before_ = least_cached_;
  least_cached_ = cached_count();
}

/// Units leave that nobody wanted: what the others were wanted for stays as it was.
void free_pages::take_untouched(std::uint64_t least, std::uint64_t due,
                                std::uint64_t units) noexcept {
  const auto less = [units](std::uint64_t from) { return from - std::min(from, units); };
  least_cached_ = less(least);
  least_cached_before_ = less(least_cached_before_);
  due_count_.store(less(due), std::memory_order_relaxed);
}

page_run free_pages::take_oldest_units(std::uint32_t most) noexcept {
  const unit_index first = cached_.oldest(clock_);
  if (first == 0 || most == 0) return {0, 0};
  const std::uint32_t units = std::min(free_info(first).units(), most);
  cut_cached(first, units);
  return {first, units};
}

page_run free_pages::take_due() noexcept {
  const checked<free_pages> ends(*this);
  const std::uint64_t least = least_cached_;
  const std::uint64_t due = due_count();
  const page_run taken =
      take_oldest_units(static_cast<std::uint32_t>(std::min<std::uint64_t>(due, UINT32_MAX)));
  take_untouched(least, due, taken.resident);
  return taken;
}

leaving_run free_pages::take_oldest(std::uint64_t most_bytes) noexcept {
  const checked<free_pages> ends(*this);
  const unit_index first = cached_.oldest(clock_);
  if (first == 0) return {};
  const std::uint32_t length = free_info(first).units();
  const auto most_units = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(most_bytes >> part_->shift, length - 1) + 1);
  const unit_index end = std::min(whole_pages_end(*part_, first + most_units), first + length);
  const std::uint64_t least = least_cached_;
  const std::uint64_t due = due_count();
  cut_cached(first, end - first);
  take_untouched(least, due, end - first);
  return {first, end - first, take_clean_before(first, first - whole_pages_begin(*part_, first)),
          take_clean_behind(end, whole_pages_end(*part_, end) - end)};
}

void free_pages::add_left(const leaving_run& run, bool is_clean) noexcept {
  const checked<free_pages> ends(*this);
  if (!is_clean) {
    add_cached(run.first, run.units);
    if (run.before != 0) add_clean(run.first - run.before, run.before);
    if (run.behind != 0) add_clean(run.first + run.units, run.behind);
    return;
  }
  const unit_index first = run.first - run.before;
  const unit_index end = run.first + run.units + run.behind;
  const unit_index merged = insert(clean_, page_kind::free_edge, first, end - first);
  forget(first, end, merged);
}

}  // namespace connarena
