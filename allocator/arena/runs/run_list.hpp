// run_list.hpp - the list of an arena's runs, which releasing it walks.
//
// Threads: of an arena for any thread, under a runs_lock.
#pragma once

#include "arena/lane/lane.hpp"
#include "heap/page_infos.hpp"

namespace connarena {

/// Locks the runs of an arena for any thread.
class runs_lock {
 public:
  explicit runs_lock(lane& of) noexcept : guard_(of.any_thread ? &of.runs_guard : nullptr) {
    if (guard_ != nullptr) guard_->acquire(lock_rank::runs);
  }
  runs_lock(const runs_lock&) = delete;
  runs_lock& operator=(const runs_lock&) = delete;
  ~runs_lock() {
    if (guard_ != nullptr) guard_->release(lock_rank::runs);
  }

 private:
  lock* guard_;
};

inline void link(lane& first, page_index run) noexcept {
  const run_info info(run);
  info.prev() = 0;
  info.next() = first.runs;
  if (first.runs != 0) run_info(first.runs).prev() = run;
  first.runs = run;
  add_to(first.run_pages, info.pages());
}

inline void unlink(lane& first, page_index run) noexcept {
  const run_info info(run);
  (info.prev() != 0 ? run_info(info.prev()).next() : first.runs) = info.next();
  if (info.next() != 0) run_info(info.next()).prev() = info.prev();
  add_to(first.run_pages, -info.pages());
}

}  // namespace connarena
