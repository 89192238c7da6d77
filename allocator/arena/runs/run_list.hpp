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

/// Locks the runs of an arena for any thread. What is done under it leaves the list whole.
class runs_lock {
 public:
  explicit runs_lock(lane& of) noexcept
      : of_(of), guard_(of.any_thread ? &of.runs_guard : nullptr) {
    if (guard_ != nullptr) guard_->acquire(lock_rank::runs);
    look();
  }
  runs_lock(const runs_lock&) = delete;
  runs_lock& operator=(const runs_lock&) = delete;
  ~runs_lock() {
    look();
    if (guard_ != nullptr) guard_->release(lock_rank::runs);
  }

 private:
  void look() const noexcept {
    if constexpr (checks_invariants) {
      // acquire: of an arena that has ended the lane may just become another's
      if (of_.generation.load(std::memory_order_acquire) == 0) return;
      if (walks<run_list>::is_due()) walks<run_list>::note(check_runs(of_));
    }
  }

  const lane& of_;
  brief_lock* guard_;
};

/// Pre: what the run holds is reserved.
inline void link(lane& first, quarter_index run) noexcept {
  const run_info info(run);
  info.set_prev({});
  info.set_next(first.runs);
  if (first.runs) run_info(first.runs).set_prev(run);
  first.runs = run;
  add_to(first.run_quarters, info.quarters());
}

inline void unlink(lane& first, quarter_index run) noexcept {
  const run_info info(run);
  const quarter_index next = info.next();
  const quarter_index prev = info.prev();
  if (prev) {
    run_info(prev).set_next(next);
  } else {
    first.runs = next;
  }
  if (next) run_info(next).set_prev(prev);
  add_to(first.run_quarters, -info.quarters());
  give_up(first, bytes_of_quarters(info.quarters()));
}

}  // namespace connarena
