// shelf.hpp - short runs that threads will want again, beyond what each may keep for
// itself: one lock taking passes many of them.
//
// Those that threads have taken from it lie there as they are, each among those of its
// length, so that a burst of connections finds what the one before had. The others are
// merged, and cut where no run has just the length, as in a page heap: so threads that
// replace one block by another of any length do not meet there.
//
// A shelf is a processor's: a thousand threads that block, each with a block for a moment,
// find there what the last one had. It holds no more than was taken from the page heaps there
// and not given back. What one thread only allocates and another, elsewhere, only frees goes
// back to the shelf of the first.
//
// How long runs stay: as what the page heaps have cached, see demand.hpp; of those that are
// not merged, of each length by itself. What is on a shelf counts as live by the batches of
// threads, and as shelved by its account.
//
// Threads: any; what is off a shelf is the caller's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "heap/free_pages.hpp"
#include "heap/run_sizes.hpp"
#include "heap/shelf_account.hpp"
#include "heap/threads.hpp"
#include "os/os.hpp"

namespace connarena {

/// Runs that have left a shelf, by source: linked, and each says how long it is.
struct shelf_runs {
  unit_index first[source_count]{};
  std::uint64_t bytes[source_count]{};

  void add(std::size_t source, unit_index run, std::uint32_t units) noexcept;
  void add(std::size_t source, const run_chain& runs, std::uint32_t units) noexcept;
};

class alignas(64) shelf {
 public:
  /// Puts runs on it. False, with nothing done, if so much was not taken here: they
  /// are given to a page heap.
  [[nodiscard]] bool put(page_source of, std::uint32_t units, const run_chain& runs) noexcept;
  /// The same from elsewhere, of just what was taken here. Not done, it changes nothing.
  [[nodiscard]] bool put_back(page_source of, std::uint32_t units, const run_chain& runs) noexcept;
  /// Whether so many bytes that were taken here have not come back. Without the lock.
  [[nodiscard]] bool lacks(std::uint64_t more_bytes) const noexcept {
    return lent_bytes_.load(std::memory_order_relaxed) >= bytes() + more_bytes;
  }
  /// Takes up to so many; one, if it has to be cut.
  [[nodiscard]] run_chain take(page_source of, std::uint32_t units, std::uint32_t most) noexcept;
  void take_all(shelf_runs& into) noexcept;

  /// Ends an epoch, and takes what lay untouched through two.
  void end_epoch(shelf_runs& unwanted) noexcept;
  /// Whether there is nothing to do for that.
  [[nodiscard]] bool is_unused() const noexcept {
    return account().told() == 0 && !has_lent_.load(std::memory_order_relaxed);
  }

  /// A thread that it is nearest to took a run from a page heap.
  void note_lent(page_source of, std::uint32_t units) noexcept;

  [[nodiscard]] std::uint64_t bytes() const noexcept { return account().bytes(); }
  /// One past the last that something was ever taken at; about so, for a moment.
  [[nodiscard]] static std::uint32_t used() noexcept {
    return used_.load(std::memory_order_relaxed);
  }

  void acquire() noexcept { guard().acquire(lock_rank::shelf); }
  void release() noexcept { guard().release(lock_rank::shelf); }
  void reset() noexcept { guard().reset(lock_rank::shelf); }

  friend void check(const shelf& of) noexcept;
  friend std::uint64_t check_whole(const shelf& of) noexcept;

 private:
  struct runs_of_length {
    unit_index first;
    std::uint32_t count;
    std::uint32_t least;         ///< in this epoch
    std::uint32_t least_before;  ///< in the one before
    std::uint32_t most;          ///< in this epoch
    std::uint32_t lent;          ///< by page heaps, and wanted: halved where that is too many
  };

  [[nodiscard]] bool lay(std::size_t source, std::uint32_t units, const run_chain& runs) noexcept;
  [[nodiscard]] std::uint32_t number() const noexcept;
  [[nodiscard]] shelf_account& account() const noexcept;
  [[nodiscard]] brief_lock& guard() const noexcept;
  void add_bytes(std::int64_t bytes) noexcept;
  void merge(std::size_t source, const run_chain& runs, std::uint32_t units) noexcept;
  [[nodiscard]] bool merge_all(std::size_t source) noexcept;
  [[nodiscard]] run_chain cut(std::size_t source, std::uint32_t index,
                              std::uint32_t count) noexcept;
  [[nodiscard]] run_chain cut_merged(page_source of, std::uint32_t units) noexcept;
  void end_epoch_of(std::size_t source, shelf_runs& unwanted) noexcept;

  inline static constinit std::atomic<std::uint32_t> used_{0};

  // guarded by the lock beside its account; the atomics anybody reads
  std::atomic<bool> has_lent_{false};         ///< something is lent
  std::atomic<std::uint64_t> lent_bytes_{0};  ///< of any length, as `lent`
  std::uint64_t most_bytes_ = 0;              ///< in this epoch
  std::uint64_t unmerged_units_[source_count]{};
  runs_of_length lists_[source_count][exact_run_units]{};
  free_pages merged_[source_count];
};

extern constinit shelf shelves[shelf_count];

/// The shelf of the processor that the calling thread runs on; where the system does not
/// say which, one by the thread's slot.
[[nodiscard]] inline shelf& nearest_shelf(const thread_slot& self) noexcept {
  const std::int32_t processor = os::current_processor();
  const std::uint32_t number = processor >= 0 ? static_cast<std::uint32_t>(processor)
                                              : self.id.load(std::memory_order_relaxed);
  return shelves[number % shelf_count];
}

/// All that lies there. Pre: the build checks invariants.
void check_shelves() noexcept;

/// Around fork.
void lock_shelves() noexcept;
void unlock_shelves() noexcept;
void reset_shelves() noexcept;

}  // namespace connarena
