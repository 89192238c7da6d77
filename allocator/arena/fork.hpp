// fork.hpp - keeping the core whole in a forked child.
//
// The parent's forking thread takes the process-wide locks in rising rank; lanes
// are too many for that. The child has one thread: a lane whose guard was held,
// or whose owner was inside, was interrupted in the middle. Its free lists are
// dropped, and its gaps found again from the granule table.
#pragma once

namespace connarena {

void lock_for_fork() noexcept;
void unlock_after_fork() noexcept;
void repair_after_fork() noexcept;

}  // namespace connarena
