#include "heap/shelf.hpp"

#include <algorithm>

#include "base/checked.hpp"
#include "heap/page_infos.hpp"
#include "os/lock_guard.hpp"

namespace connarena {
namespace {

// Lines that all threads write: seldom, since within an epoch one never falls and the other
// never rises.
alignas(64) std::atomic<std::int64_t> told{0};
std::atomic<std::int64_t> least{0};

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

}  // namespace

constinit shelf shelves[shelf_count];

void shelf::set_bytes(std::uint64_t bytes) noexcept {
  bytes_.store(bytes, std::memory_order_relaxed);
  if (bytes < least_bytes_) tell_least(bytes);
  if (bytes > told_bytes_.load(std::memory_order_relaxed)) tell(bytes);
}

void shelf::tell(std::uint64_t bytes) noexcept {
  const std::uint64_t before = told_bytes_.load(std::memory_order_relaxed);
  if (bytes == before) return;
  told.fetch_add(static_cast<std::int64_t>(bytes - before), std::memory_order_relaxed);
  told_bytes_.store(bytes, std::memory_order_relaxed);
}

void shelf::tell_least(std::uint64_t bytes) noexcept {
  if (bytes == least_bytes_) return;
  least.fetch_add(static_cast<std::int64_t>(bytes - least_bytes_), std::memory_order_relaxed);
  least_bytes_ = bytes;
}

bool shelf::put(page_source of, std::uint32_t units, const run_chain& runs) noexcept {
  const holding held(*this);
  runs_of_length& to = lists_[static_cast<std::size_t>(of)][units - 1];
  if (to.count + runs.count > to.lent) {
    to.lent -= std::min(to.lent, runs.count);
    return false;
  }
  kept_info(runs.last).set_next(to.first);
  to.first = runs.first;
  to.count += runs.count;
  to.most = std::max(to.most, to.count);
  set_bytes(bytes() + std::uint64_t{runs.count} * bytes_of(of, units));
  return true;
}

/// Takes up to so many runs of a length.
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
  const std::uint32_t run_bytes = bytes_of(static_cast<page_source>(source), index + 1);
  set_bytes(bytes() - std::uint64_t{cut} * run_bytes);
  return taken;
}

run_chain shelf::cut_unwanted(std::size_t source, std::uint32_t index) noexcept {
  runs_of_length& from = lists_[source][index];
  const std::uint32_t least = from.least;
  const run_chain taken = cut(source, index, std::min(least, from.least_before));
  from.least_before = least - taken.count;
  from.lent = std::max(from.lent / 2, from.most);
  from.least = from.most = from.count;
  return taken;
}

run_chain shelf::take(page_source of, std::uint32_t units, std::uint32_t most) noexcept {
  if (bytes() == 0) return {};
  const holding held(*this);
  return cut(static_cast<std::size_t>(of), units - 1, most);
}

void shelf::take_all(shelf_runs& into) noexcept {
  if (bytes() == 0) return;
  const holding held(*this);
  for (std::size_t source = 0; source < source_count; ++source) {
    for (std::uint32_t i = 0; i < exact_run_units; ++i) {
      into.add(source, i, cut(source, i, UINT32_MAX));
    }
  }
}

void shelf::end_epoch(shelf_runs& unwanted) noexcept {
  const holding held(*this);
  bool has_lent = false;
  for (std::size_t source = 0; source < source_count; ++source) {
    for (std::uint32_t i = 0; i < exact_run_units; ++i) {
      unwanted.add(source, i, cut_unwanted(source, i));
      has_lent = has_lent || lists_[source][i].lent != 0;
    }
  }
  has_lent_.store(has_lent, std::memory_order_relaxed);
  tell_least(bytes());
  tell(bytes());
}

void shelf::note_lent(page_source of, std::uint32_t units) noexcept {
  const holding held(*this);
  ++lists_[static_cast<std::size_t>(of)][units - 1].lent;
  has_lent_.store(true, std::memory_order_relaxed);
}

std::uint64_t shelved_bytes() noexcept {
  std::uint64_t sum = 0;
  for (const shelf& each : shelves) sum += each.bytes();
  return sum;
}

std::int64_t told_shelved_bytes() noexcept { return told.load(std::memory_order_relaxed); }

void check_shelves() noexcept {
  for (shelf& each : shelves) const holding held(each);
}

std::int64_t least_shelved_bytes() noexcept { return least.load(std::memory_order_relaxed); }

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
