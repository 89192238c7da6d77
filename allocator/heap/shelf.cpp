#include "heap/shelf.hpp"

#include <algorithm>

#include "base/checked.hpp"
#include "heap/page_infos.hpp"
#include "os/lock_guard.hpp"

namespace connarena {
namespace {

std::atomic<std::int64_t> told{0};

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
  least_bytes_ = std::min(least_bytes_, bytes);
  most_bytes_ = std::max(most_bytes_, bytes);
  // A line that all threads write: seldom, since it never falls within an epoch.
  if (bytes > told_bytes_.load(std::memory_order_relaxed)) tell(bytes);
}

void shelf::tell(std::uint64_t bytes) noexcept {
  const std::uint64_t before = told_bytes_.load(std::memory_order_relaxed);
  if (bytes == before) return;
  told.fetch_add(static_cast<std::int64_t>(bytes - before), std::memory_order_relaxed);
  told_bytes_.store(bytes, std::memory_order_relaxed);
}

bool shelf::put(page_source of, std::uint32_t units, const run_chain& runs) noexcept {
  const std::uint64_t more = std::uint64_t{runs.count} * bytes_of(of, units);
  const holding held(*this);
  const std::uint64_t sum = bytes() + more;
  if (static_cast<std::int64_t>(sum) > lent_bytes_.load(std::memory_order_relaxed)) return false;
  runs_of_length& to = lists_[static_cast<std::size_t>(of)][units - 1];
  kept_info(runs.last).set_next(to.first);
  to.first = runs.first;
  to.count += runs.count;
  set_bytes(sum);
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
  from.least = from.count;
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

std::uint64_t shelf::end_epoch(shelf_runs& unwanted) noexcept {
  const holding held(*this);
  const std::uint64_t was_away = bytes() - least_bytes_;
  const std::int64_t lent = lent_bytes_.load(std::memory_order_relaxed) / 2;
  lent_bytes_.store(std::max(lent, static_cast<std::int64_t>(most_bytes_)),
                    std::memory_order_relaxed);
  for (std::size_t source = 0; source < source_count; ++source) {
    for (std::uint32_t i = 0; i < exact_run_units; ++i) {
      unwanted.add(source, i, cut_unwanted(source, i));
    }
  }
  least_bytes_ = most_bytes_ = bytes();
  tell(bytes());
  return was_away;
}

void shelf::note_lent(std::int64_t bytes) noexcept {
  const std::int64_t sum = lent_bytes_.load(std::memory_order_relaxed) + bytes;
  lent_bytes_.store(std::max<std::int64_t>(sum, 0), std::memory_order_relaxed);
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
