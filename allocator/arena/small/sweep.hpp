// sweep.hpp - a lane's account with the process: what it holds wholly free.
//
// A lane counts free granules, not free pages: so many granules free can be at
// most so many pages wholly free. It reports that upper bound a page at a time.
// When the process is over its bound, the lane is swept: its granule table tells
// which pages are really free, and those are returned to the system.
//
// Threads: whoever is inside the lane.
#pragma once

#include <cstdint>

#include "arena/lane/lane.hpp"

namespace connarena {

/// Makes gaps of all that is free and returns up to so many wholly free pages
/// to the system. O(pages of the lane). Gives how many went.
std::uint64_t sweep(lane& in, std::uint64_t most_purged_pages) noexcept;

/// Gives back the spans in which nothing lives, which the lane kept for blocks to come. O(pages
/// of the lane), and so with nothing done unless enough was freed since the last time. False
/// then.
[[nodiscard]] bool shed(lane& in) noexcept;

/// In a forked child: counts anew what another thread was changing. A sweep is due
/// then.
void recount(lane& in) noexcept;

/// Brings the lane's account with the process up to date.
void update_account(lane& in) noexcept;

/// Takes a lane that ends out of the account.
void close_account(lane& in) noexcept;

/// Wholly free pages of the lane now, counted.
[[nodiscard]] std::uint64_t count_free_pages(const lane& in) noexcept;

}  // namespace connarena
