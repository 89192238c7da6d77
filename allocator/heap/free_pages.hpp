// free_pages.hpp - the free units of one part of the region, by kind and length, and
// those that were never used: what a page heap has under its lock.
//
// A free run is cached or clean: see page_heap.hpp. The owners of its first and its last
// page say which, so that it is merged with its neighbours of the same kind.
//
// What a shelf has of a part, it has in one of its own, which holds cached runs alone and
// takes nothing afresh. The marks say whose a run is: only what is of the same is merged.
//
// Threads: whoever holds the page heap's lock, or the shelf's.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "heap/page_lists.hpp"
#include "heap/region.hpp"
#include "heap/threads.hpp"

namespace connarena {

/// A run that is on its way to the system, with the clean units around it that share
/// its first and its last page.
struct leaving_run {
  unit_index first = 0;
  std::uint32_t units = 0;  ///< 0: none
  std::uint32_t before = 0;
  std::uint32_t behind = 0;
};

class free_pages {
 public:
  void be_ready(page_source source) noexcept;
  /// Of a shelf: beside those of the page heap, under a number that no other one has.
  void be_ready_beside(const free_pages& heaps, page_source source, std::uint32_t number) noexcept;
  [[nodiscard]] const region_part& part() const noexcept { return *part_; }

  /// Units that are cached. Threads: any.
  [[nodiscard]] std::uint64_t cached_count() const noexcept {
    return cached_count_.load(std::memory_order_relaxed);
  }

  /// A cached run to take at least so many units from; 0: there is none.
  [[nodiscard]] unit_index find_cached(std::uint32_t units) const noexcept {
    return cached_.find(units, least_rest());
  }
  /// Units of a cached run that starts there, or of a clean one; 0: none does.
  [[nodiscard]] std::uint32_t cached_at(unit_index first) const noexcept;
  [[nodiscard]] std::uint32_t clean_at(unit_index first) const noexcept;

  /// Takes units out of a cached run, `lead` behind its first; the rest stays, as old
  /// as it is.
  void cut_cached(unit_index first, std::uint32_t units, std::uint32_t lead = 0) noexcept;
  /// The same of the first units of a clean run.
  void cut_clean(unit_index first, std::uint32_t units) noexcept;

  /// Takes clean units, or such as were never used. 0: there are none.
  [[nodiscard]] unit_index take_clean(std::uint32_t units) noexcept;
  /// Takes the units from the first one that was never used, if `first` is that.
  [[nodiscard]] bool take_fresh(unit_index first, std::uint32_t units) noexcept;

  void add_clean(unit_index first, std::uint32_t units) noexcept;
  void add_cached(unit_index first, std::uint32_t units) noexcept;

  /// Gives back what is reserved and was never used.
  void give_up_unused() noexcept;
  /// Returns the clean pages, and what the tables say of them, once more: something has
  /// made them resident.
  void return_clean() noexcept;

  /// Ends an epoch: units that lay in the cache through all of it and of the one before
  /// are due.
  void end_epoch() noexcept;
  /// So many units came that were not wanted before either.
  void add_untouched(std::uint64_t units) noexcept {
    least_cached_ = std::min(least_cached_ + units, cached_count());
    least_cached_before_ += units;
  }
  /// Units that are due. Threads: any.
  [[nodiscard]] std::uint64_t due_count() const noexcept {
    return due_count_.load(std::memory_order_relaxed);
  }

  /// Takes up to so many bytes, rounded up, of the run that was cached longest ago.
  [[nodiscard]] leaving_run take_oldest(std::uint64_t most_bytes) noexcept;
  /// Takes up to so many units of that run, as they are; none: {0, 0}.
  [[nodiscard]] page_run take_oldest_units(std::uint32_t most) noexcept;
  /// The same of those that are due.
  [[nodiscard]] page_run take_due() noexcept;

  /// Puts such a run among the clean ones; or back, where the system did not take it.
  void add_left(const leaving_run& run, bool is_clean) noexcept;

  friend void check(const free_pages& of) noexcept;
  friend std::uint64_t check_whole(const free_pages& of) noexcept;

 private:
  [[nodiscard]] unit_index frontier() const noexcept {
    return (heaps_ != nullptr ? heaps_->frontier_ : frontier_).load(std::memory_order_relaxed);
  }
  [[nodiscard]] bool is_edge(unit_index unit, page_kind kind) const noexcept;
  void mark_edges(unit_index first, std::uint32_t units, page_kind kind) const noexcept;
  void remove(page_lists& from, unit_index first) const noexcept;
  void check_run(page_kind edge, unit_index first, std::uint32_t units) const noexcept;
  unit_index insert(page_lists& into, page_kind edge, unit_index first,
                    std::uint32_t units) noexcept;
  void forget(unit_index first, unit_index end, unit_index merged) const noexcept;
  void insert_cached(unit_index first, std::uint32_t units, std::uint32_t came_at) noexcept;
  /// What a rest needs to be of use: a page for a span, and more than one for a run, since
  /// few ask for just that.
  [[nodiscard]] std::uint32_t least_rest() const noexcept;
  void note_wanted() noexcept;
  void take_untouched(std::uint64_t least, std::uint64_t due, std::uint64_t units) noexcept;
  std::uint32_t take_clean_before(unit_index unit, std::uint32_t units) noexcept;
  std::uint32_t take_clean_behind(unit_index unit, std::uint32_t units) noexcept;

  region_part* part_ = nullptr;
  const free_pages* heaps_ = nullptr;  ///< of a shelf's: those of the page heap
  std::uint32_t number_ = 0;           ///< on the marks; 0: the page heap's
  /// Units from here on were never used. The page heap's changes under its lock, and only
  /// grows.
  std::atomic<unit_index> frontier_{0};
  page_lists cached_;
  page_lists clean_;
  std::uint32_t clock_ = 0;
  std::atomic<std::uint64_t> cached_count_{0};  ///< written under the lock
  std::atomic<std::uint64_t> due_count_{0};     ///< written under the lock
  std::uint64_t least_cached_ = 0;              ///< in this epoch
  std::uint64_t least_cached_before_ = 0;       ///< in the one before
};

/// See base/checked.hpp. Pre: the build checks invariants.
void check(const free_pages& of) noexcept;
std::uint64_t check_whole(const free_pages& of) noexcept;

}  // namespace connarena
