// free_pages.hpp - the free pages of one part of the region, by kind and length, and
// those that were never used: what a page heap has under its lock.
//
// A free run is cached or clean: see page_heap.hpp. The owners of its first and its last
// page say which, so that it is merged with its neighbours of the same kind.
//
// Threads: whoever holds the page heap's lock.
#pragma once

#include <atomic>
#include <cstdint>

#include "heap/page_lists.hpp"
#include "heap/region.hpp"
#include "heap/threads.hpp"

namespace connarena {

/// A run that is on its way to the system, with the clean pages around it that share
/// its first and its last of the system's pages.
struct leaving_run {
  page_index first = 0;
  std::uint32_t pages = 0;  ///< 0: none
  std::uint32_t before = 0;
  std::uint32_t behind = 0;
};

class free_pages {
 public:
  void be_ready(page_source source) noexcept;
  [[nodiscard]] const region_part& part() const noexcept { return *part_; }

  /// Pages that are cached. Threads: any.
  [[nodiscard]] std::uint64_t cached_count() const noexcept {
    return cached_count_.load(std::memory_order_relaxed);
  }

  /// A cached run to take at least so many pages from; 0: there is none.
  [[nodiscard]] page_index find_cached(std::uint32_t pages) const noexcept {
    return cached_.find(pages, least_rest());
  }
  /// Pages of a cached run that starts there, or of a clean one; 0: none does.
  [[nodiscard]] std::uint32_t cached_at(page_index first) const noexcept;
  [[nodiscard]] std::uint32_t clean_at(page_index first) const noexcept;

  /// Takes pages out of a cached run, `lead` behind its first; the rest stays, as old
  /// as it is.
  void cut_cached(page_index first, std::uint32_t pages, std::uint32_t lead = 0) noexcept;
  /// The same of the first pages of a clean run.
  void cut_clean(page_index first, std::uint32_t pages) noexcept;

  /// Takes clean pages, or such as were never used. 0: there are none.
  [[nodiscard]] page_index take_clean(std::uint32_t pages) noexcept;
  /// Takes the pages from the first one that was never used, if `first` is that.
  [[nodiscard]] bool take_fresh(page_index first, std::uint32_t pages) noexcept;

  void add_clean(page_index first, std::uint32_t pages) noexcept;
  void add_cached(page_index first, std::uint32_t pages) noexcept;

  /// Takes up to so many bytes, rounded up, of the run that was cached longest ago.
  [[nodiscard]] leaving_run take_oldest(std::uint64_t most_bytes) noexcept;
  /// Puts such a run among the clean ones; or back, where the system did not take it.
  void settle(const leaving_run& run, bool is_clean) noexcept;

 private:
  page_index insert(page_lists& into, page_kind edge, page_index first,
                    std::uint32_t pages) noexcept;
  void insert_cached(page_index first, std::uint32_t pages, std::uint32_t came_at) noexcept;
  /// Pages that a rest needs to be of use: a page of a span, and more of a run than one of
  /// the system's, since few ask for just that.
  [[nodiscard]] std::uint32_t least_rest() const noexcept;
  std::uint32_t take_clean_before(page_index page, std::uint32_t pages) noexcept;
  std::uint32_t take_clean_behind(page_index page, std::uint32_t pages) noexcept;

  region_part* part_ = nullptr;
  page_index frontier_ = 0;  ///< pages from here on were never used
  page_lists cached_;
  page_lists clean_;
  std::uint32_t clock_ = 0;
  std::atomic<std::uint64_t> cached_count_{0};  ///< written under the lock
};

}  // namespace connarena
