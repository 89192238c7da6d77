// shelf.hpp - short runs that threads will want again, beyond what each may keep for
// itself: one lock taking passes many of them.
//
// They lie there as they are, each among those of its length, so that a burst of
// connections finds what the one before had. A shelf is some threads', by their slots: few
// programs have more than there are shelves. Of each length it holds no more than its threads
// have taken from the page heaps and not given back: what one thread only allocates and
// another only frees goes through the heaps.
//
// How long they stay: as what the page heaps have cached, see demand.hpp, of each length by
// itself. What is on a shelf counts as live by the batches of threads, and as shelved by
// what each shelf has told the process: at least what it holds. Whoever wants it exactly
// asks each.
//
// Threads: any; what is off a shelf is the caller's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "heap/run_sizes.hpp"
#include "heap/threads.hpp"
#include "os/brief_lock.hpp"

namespace connarena {

/// Runs that have left a shelf, by length. Where none have, nothing is said but that.
struct shelf_runs {
  std::uint64_t filled[source_count]{};  ///< bit by length; the shortest first
  run_chain runs[source_count][exact_run_units];

  void add(std::size_t source, std::uint32_t index, const run_chain& what) noexcept {
    if (what.count == 0) return;
    filled[source] |= std::uint64_t{1} << index;
    runs[source][index] = what;
  }
};

class alignas(64) shelf {
 public:
  /// Puts runs on it. False, with nothing done, if its threads have not taken so many: they
  /// are given to a page heap.
  [[nodiscard]] bool put(page_source of, std::uint32_t units, const run_chain& runs) noexcept;
  /// Takes up to so many.
  [[nodiscard]] run_chain take(page_source of, std::uint32_t units, std::uint32_t most) noexcept;
  void take_all(shelf_runs& into) noexcept;

  /// Ends an epoch, and takes what lay untouched through two.
  void end_epoch(shelf_runs& unwanted) noexcept;
  /// Whether there is nothing to do for that.
  [[nodiscard]] bool is_unused() const noexcept {
    return !has_lent_.load(std::memory_order_relaxed);
  }

  /// A thread of the shelf took a run from a page heap.
  void note_lent(page_source of, std::uint32_t units) noexcept;

  [[nodiscard]] std::uint64_t bytes() const noexcept {
    return bytes_.load(std::memory_order_relaxed);
  }

  void acquire() noexcept { guard_.acquire(lock_rank::shelf); }
  void release() noexcept { guard_.release(lock_rank::shelf); }
  void reset() noexcept { guard_.reset(lock_rank::shelf); }

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

  void set_bytes(std::uint64_t bytes) noexcept;
  void tell(std::uint64_t bytes) noexcept;
  void tell_least(std::uint64_t bytes) noexcept;
  [[nodiscard]] run_chain cut(std::size_t source, std::uint32_t index,
                              std::uint32_t count) noexcept;
  [[nodiscard]] run_chain cut_unwanted(std::size_t source, std::uint32_t index) noexcept;

  brief_lock guard_;
  // guarded by it; the atomics anybody reads
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> told_bytes_{0};  ///< what the process counts as shelved
  std::atomic<bool> has_lent_{false};         ///< some length is lent, as all that lies here is
  std::uint64_t least_bytes_ = 0;             ///< in this epoch
  runs_of_length lists_[source_count][exact_run_units]{};
};

/// One for each of the first threads.
inline constexpr std::uint32_t shelf_count = 64;
extern constinit shelf shelves[shelf_count];

/// The shelf of a thread. Pre: it is registered.
[[nodiscard]] inline shelf& shelf_of(const thread_slot& self) noexcept {
  return shelves[self.id.load(std::memory_order_relaxed) % shelf_count];
}

/// Bytes on all shelves: exactly, and, at least so many, in one look.
[[nodiscard]] std::uint64_t shelved_bytes() noexcept;
[[nodiscard]] std::int64_t told_shelved_bytes() noexcept;
/// So many lay there all through this epoch: the rest was live in it.
[[nodiscard]] std::int64_t least_shelved_bytes() noexcept;

/// All that lies there. Pre: the build checks invariants.
void check_shelves() noexcept;

/// Around fork.
void lock_shelves() noexcept;
void unlock_shelves() noexcept;
void reset_shelves() noexcept;

}  // namespace connarena
