// run_list.hpp - the list of an arena's runs, which releasing it walks.
//
// Threads: of an arena for any thread, under a runs_lock.
#pragma once

#include "arena/lane/footprint.hpp"
#include "arena/runs/check_runs.hpp"
#include "base/checked.hpp"
#include "heap/page_infos.hpp"

namespace connarena {

struct run_list;  // what is walked

/// Whether an owner's word says: a run of this arena.
[[nodiscard]] inline bool says_run_of(std::uint32_t owner, const lane& first) noexcept {
  constexpr std::uint32_t flags = did_io_flag | shared_flag | grew_flag | adopted_flag;
  return (owner & ~flags) == make_owner(page_kind::run, first.index);
}

/// Where the list is whole. Pre: the caller may change it.
inline void look_at_runs(const lane& first) noexcept {
  if constexpr (checks_invariants) {
    // acquire: of an arena that has ended the lane may just become another's
    if (first.generation.load(std::memory_order_acquire) == 0) return;
    if (walks<run_list>::is_due()) walks<run_list>::note(check_runs(first));
  }
}

/// Locks the runs of an arena for any thread. What is done under it leaves the list whole.
class runs_lock {
 public:
  explicit runs_lock(lane& of) noexcept
      : of_(of), guard_(of.any_thread ? &of.runs_guard : nullptr) {
    if (guard_ != nullptr) guard_->acquire(lock_rank::runs);
    look_at_runs(of_);
  }
  runs_lock(const runs_lock&) = delete;
  runs_lock& operator=(const runs_lock&) = delete;
  ~runs_lock() {
    look_at_runs(of_);
    if (guard_ != nullptr) guard_->release(lock_rank::runs);
  }
  /// False: the arena has one thread, and nothing is locked.
  [[nodiscard]] bool is_held() const noexcept { return guard_ != nullptr; }

 private:
  const lane& of_;
  brief_lock* guard_;
};

/// Pre: the run has so many quarters, and they are reserved.
inline void link(lane& first, quarter_index run, std::uint32_t quarters) noexcept {
  const run_info info(run);
  info.set_neighbours({}, first.runs);
  if (first.runs) run_info(first.runs).set_prev(run);
  first.runs = run;
  first.run_quarters += quarters;
}
inline void link(lane& first, quarter_index run) noexcept {
  link(first, run, run_info(run).quarters());
}

/// Takes a run off the list: its arena is charged for it still, if it has a limit.
inline void take_off(lane& first, quarter_index run) noexcept {
  const run_info info(run);
  const quarter_index next = info.next();
  const quarter_index prev = info.prev();
  if (prev) {
    run_info(prev).set_next(next);
  } else {
    first.runs = next;
  }
  if (next) run_info(next).set_prev(prev);
  first.run_quarters -= info.quarters();
}
inline void unlink(lane& first, quarter_index run) noexcept {
  note_peak_before_fewer_runs(first);
  take_off(first, run);
  give_up(first, bytes_of_quarters(run_info(run).quarters()));
}

}  // namespace connarena
