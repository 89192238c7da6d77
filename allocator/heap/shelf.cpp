#include "heap/shelf.hpp"

#include <algorithm>

#include "base/checked.hpp"
#include "heap/page_heap.hpp"
#include "heap/page_infos.hpp"

namespace connarena {
namespace {

/// Whoever holds a shelf, and looks at it at both ends.
class holding {
 public:
  explicit holding(shelf& of) noexcept : of_(of) {
    of_.acquire();
    look_at(of_);
  }
  holding(const holding&) = delete;
  holding& operator=(const holding&) = delete;
  ~holding() {
    look_at(of_);
    of_.release();
  }

 private:
  shelf& of_;
};

std::int64_t bytes_in(std::size_t source, std::uint64_t units) noexcept {
  return static_cast<std::int64_t>(units << shift_of(static_cast<page_source>(source)));
}

}  // namespace

constinit shelf shelves[shelf_count];

void shelf_runs::add(std::size_t source, unit_index run, std::uint32_t units) noexcept {
  free_info(run).set_units(units);
  kept_info(run).set_next(first[source]);
  first[source] = run;
  bytes[source] += static_cast<std::uint64_t>(bytes_in(source, units));
}

void shelf_runs::add(std::size_t source, const run_chain& runs, std::uint32_t units) noexcept {
  for (unit_index run = runs.first; run != 0;) {
    const unit_index next = kept_info(run).next();
    add(source, run, units);
    run = next;
  }
}

std::uint32_t shelf::number() const noexcept { return static_cast<std::uint32_t>(this - shelves); }
shelf_account& shelf::account() const noexcept { return shelf_accounts[number()].of; }
brief_lock& shelf::guard() const noexcept { return shelf_accounts[number()].guard; }

void shelf::add_bytes(std::int64_t more) noexcept {
  const std::uint64_t sum = bytes() + static_cast<std::uint64_t>(more);
  account().set(sum);
  most_bytes_ = std::max(most_bytes_, sum);
}

/// Puts runs that are its own among the merged ones.
void shelf::merge(std::size_t source, const run_chain& runs, std::uint32_t units) noexcept {
  free_pages& to = merged_[source];
  // 0 on a mark is the page heap's.
  to.be_ready_beside(pages_of_heap(static_cast<page_source>(source)),
                     static_cast<page_source>(source), number() + 1);
  for (unit_index run = runs.first; run != 0;) {
    const unit_index next = kept_info(run).next();
    to.add_cached(run, units);
    run = next;
  }
}

/// Merges all of a source that lie there as they are. False: there are none.
bool shelf::merge_all(std::size_t source) noexcept {
  if (unmerged_units_[source] == 0) return false;
  for (std::uint32_t i = 0; i < exact_run_units; ++i) {
    merge(source, cut(source, i, UINT32_MAX), i + 1);
  }
  return true;
}

/// Where they lie as they are, if so many of them were taken here. They are not yet counted.
bool shelf::lay(std::size_t source, std::uint32_t units, const run_chain& runs) noexcept {
  runs_of_length& to = lists_[source][units - 1];
  if (to.count + runs.count > to.lent) return false;
  kept_info(runs.last).set_next(to.first);
  to.first = runs.first;
  to.count += runs.count;
  to.most = std::max(to.most, to.count);
  unmerged_units_[source] += std::uint64_t{runs.count} * units;
  return true;
}

bool shelf::put_back(page_source of, std::uint32_t units, const run_chain& runs) noexcept {
  const auto source = static_cast<std::size_t>(of);
  const holding held(*this);
  if (!lay(source, units, runs)) return false;
  add_bytes(bytes_in(source, std::uint64_t{runs.count} * units));
  return true;
}

bool shelf::put(page_source of, std::uint32_t units, const run_chain& runs) noexcept {
  const auto source = static_cast<std::size_t>(of);
  const std::int64_t more = bytes_in(source, std::uint64_t{runs.count} * units);
  const holding held(*this);
  if (!lay(source, units, runs)) {
    runs_of_length& to = lists_[source][units - 1];
    to.lent -= std::min(to.lent, runs.count);
    const std::uint64_t lent = lent_bytes_.load(std::memory_order_relaxed);
    if (bytes() + static_cast<std::uint64_t>(more) > lent) {
      lent_bytes_.store(lent - std::min(lent, static_cast<std::uint64_t>(more)),
                        std::memory_order_relaxed);
      return false;
    }
    merge(source, runs, units);
  }
  add_bytes(more);
  return true;
}

/// Takes up to so many runs of a length that are not merged. They count as there still.
run_chain shelf::cut(std::size_t source, std::uint32_t index, std::uint32_t count) noexcept {
  runs_of_length& from = lists_[source][index];
  const std::uint32_t cut = std::min(count, from.count);
  if (cut == 0) return {};
  unit_index last = from.first;
  for (std::uint32_t i = 1; i < cut; ++i) last = kept_info(last).next();
  const run_chain taken{from.first, last, cut};
  from.first = kept_info(last).next();
  kept_info(last).set_next(0);
  from.count -= cut;
  from.least = std::min(from.least, from.count);
  unmerged_units_[source] -= std::uint64_t{cut} * (index + 1);
  return taken;
}

/// Takes a run from what is merged, or from all where that has none.
run_chain shelf::cut_merged(page_source of, std::uint32_t units) noexcept {
  const auto source = static_cast<std::size_t>(of);
  free_pages& from = merged_[source];
  unit_index run = from.find_cached(units);
  if (run == 0 && merge_all(source)) run = from.find_cached(units);
  if (run == 0) return {};
  from.cut_cached(run, units);
  kept_info(run).set_next(0);
  note_as_kept(of, run, units, units);
  ++lists_[source][units - 1].lent;
  return {run, run, 1};
}

run_chain shelf::take(page_source of, std::uint32_t units, std::uint32_t most) noexcept {
  if (bytes() < bytes_of(of, units)) return {};
  const auto source = static_cast<std::size_t>(of);
  const holding held(*this);
  run_chain taken = cut(source, units - 1, most);
  if (taken.count == 0) taken = cut_merged(of, units);
  add_bytes(-bytes_in(source, std::uint64_t{taken.count} * units));
  return taken;
}

void shelf::take_all(shelf_runs& into) noexcept {
  if (bytes() == 0) return;
  const holding held(*this);
  for (std::size_t source = 0; source < source_count; ++source) {
    static_cast<void>(merge_all(source));
    for (;;) {
      const page_run run = merged_[source].take_oldest_units(UINT32_MAX);
      if (run.first == 0) break;
      into.add(source, run.first, run.resident);
    }
    add_bytes(-static_cast<std::int64_t>(into.bytes[source]));
  }
}

void shelf::end_epoch_of(std::size_t source, shelf_runs& unwanted) noexcept {
  for (std::uint32_t i = 0; i < exact_run_units; ++i) {
    runs_of_length& each = lists_[source][i];
    const std::uint32_t least = each.least;
    const run_chain taken = cut(source, i, std::min(least, each.least_before));
    each.least_before = least - taken.count;
    each.lent = std::max(each.lent / 2, each.most);
    if (each.lent != 0) has_lent_.store(true, std::memory_order_relaxed);
    each.least = each.most = each.count;
    unwanted.add(source, taken, i + 1);
  }
  merged_[source].end_epoch();
  for (;;) {
    const page_run due = merged_[source].take_due();
    if (due.first == 0) break;
    unwanted.add(source, due.first, due.resident);
  }
  add_bytes(-static_cast<std::int64_t>(unwanted.bytes[source]));
}

void shelf::end_epoch(shelf_runs& unwanted) noexcept {
  const holding held(*this);
  const std::uint64_t lent = std::max(lent_bytes_.load(std::memory_order_relaxed) / 2, most_bytes_);
  lent_bytes_.store(lent, std::memory_order_relaxed);
  has_lent_.store(lent != 0, std::memory_order_relaxed);
  for (std::size_t source = 0; source < source_count; ++source) end_epoch_of(source, unwanted);
  most_bytes_ = bytes();
  account().end_epoch();
}

void shelf::note_lent(page_source of, std::uint32_t units) noexcept {
  const holding held(*this);
  ++lists_[static_cast<std::size_t>(of)][units - 1].lent;
  lent_bytes_.store(lent_bytes_.load(std::memory_order_relaxed) + bytes_of(of, units),
                    std::memory_order_relaxed);
  has_lent_.store(true, std::memory_order_relaxed);
  if (number() >= used()) used_.store(number() + 1, std::memory_order_relaxed);
}

void check_shelves() noexcept {
  for (shelf& each : shelves) const holding held(each);
}

// Nobody else takes two of them at a time: they are all of one rank.
void lock_shelves() noexcept {
  for (shelf& each : shelves) {
    note_given(lock_rank::shelf);
    each.acquire();
  }
}
void unlock_shelves() noexcept {
  for (shelf& each : shelves) each.release();
}
void reset_shelves() noexcept {
  for (shelf& each : shelves) each.reset();
}

}  // namespace connarena
