// lock_guard.hpp - holds a lock of the core as long as it lives.
#pragma once

#include "os/lock_rank.hpp"

namespace connarena {

template <typename Lock>
class lock_guard {
 public:
  lock_guard(Lock& held, lock_rank rank) noexcept : held_(held), rank_(rank) {
    held_.acquire(rank);
  }
  lock_guard(const lock_guard&) = delete;
  lock_guard& operator=(const lock_guard&) = delete;
  ~lock_guard() { held_.release(rank_); }

 private:
  Lock& held_;
  const lock_rank rank_;
};

}  // namespace connarena
