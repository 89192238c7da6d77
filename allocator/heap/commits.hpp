// commits.hpp - the region made usable: chosen once, and committed step by step.
//
//   addresses [begin, committed) of a part and what of the tables describes them
#pragma once

#include "heap/region.hpp"

namespace connarena {

/// Chooses the range on first call; cheap afterwards. False if the system has no room.
[[nodiscard]] bool region_ready() noexcept;
/// Around fork: meanwhile nobody is about to choose. The last of the locks.
void lock_reservation() noexcept;
void unlock_reservation() noexcept;

/// Makes units of a part usable up to `end`, with their tables. False when the
/// part or the system has no more. Threads: the caller holds the part's lock.
[[nodiscard]] bool commit_part(region_part& part, unit_index end) noexcept;

}  // namespace connarena
