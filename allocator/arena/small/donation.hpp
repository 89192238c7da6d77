// donation.hpp - what ended arenas leave behind, and who fills it.
//
// When an arena drains, its wholly free pages go back. A page that holds
// survivors is donated to the process together with its free granules: the next
// lane that needs room adopts it before it takes fresh pages. The survivors in it
// belong to nobody; their mark in the granule table tells them apart. Any thread
// may free them, so only lanes of arenas for any thread adopt.
//
// A donated span is a first block, or pages that survivors join. While it is
// unowned, its owner says `donated` and the largest gap in granules, where that
// is worth listing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arena/lane/free_result.hpp"
#include "arena/lane/lane.hpp"
#include "arena/small/donated_spans.hpp"

namespace connarena {

/// What is alive in spans that have ended.
struct survivors {
  std::uint32_t blocks = 0;
  std::uint64_t granules = 0;
};

/// Ends a lane's span whose live blocks survive: gives back its free pages and
/// donates the others. The bump pointer has left the span.
void donate_span(lane& in, span_id span, granule_index end, survivors& left) noexcept;

/// The same, but the live blocks end, and their pages are retired. Where survivors of
/// others lie, or no page is to itself, they survive.
void retire_span(lane& in, span_id span, granule_index end, survivors& left) noexcept;

/// Ends a lane's span together with its live blocks, but for the survivors of
/// others.
void release_span(lane& in, span_id span, granule_index end) noexcept;

/// Makes a donated span with a gap of so many granules the lane's. False if
/// there is none at hand. Pre: any thread may free blocks of the lane.
[[nodiscard]] bool take_donated_span(lane& in, std::uint32_t granules) noexcept;
/// The same for the lane's first block, or else takes an empty one.
[[nodiscard]] bool take_any_first_block(lane& in, std::uint32_t granules) noexcept;

/// Frees a survivor in a page that is the lane's by now. A report may be due.
void free_survivor(lane& in, granule_index block, size_class index) noexcept;

/// Frees a survivor in a donated span, and gives pages back that are wholly free
/// then. O(size of the gap that it leaves). `none` if the span is not donated any more.
[[nodiscard]] free_result free_donated(granule_index block) noexcept;

/// Whether there are so many survivors, or retired ones, that a lane that may leave some had
/// better start where others are; a hint.
[[nodiscard]] bool gathers_survivors() noexcept;

/// Whether survivors have pages to themselves; a hint.
[[nodiscard]] bool has_donated_pages() noexcept;

[[nodiscard]] donated_counts donated() noexcept;

void lock_donations() noexcept;
void unlock_donations() noexcept;
void reset_donations() noexcept;

/// All that is donated. Pre: the build checks invariants.
void check_donations() noexcept;

}  // namespace connarena
