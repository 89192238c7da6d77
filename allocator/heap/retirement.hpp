// retirement.hpp - addresses that nobody gets again: those of survivors that ended
// with their connection, though the program did not free them.
//
// Their pages go back to the system. A late free is recognised by its page, ignored and
// counted; any other use of the block in a call of ours ends the process. In a hardened
// process a touch does, too: see arena/runs/guards.hpp for how the number of mappings stays
// bounded there.
//
// Page owners say `retired`. Where all pages are retired that a page of a table
// describes, that page goes as well; of a stretch of 1,024 units (more where the
// system's pages are larger) that is wholly retired one bit is left. Three quarters of a part of
// the region may be retired, so that there is room for those who live.
//
// Threads: any.
#pragma once

#include <cstdint>

#include "heap/region.hpp"

namespace connarena {

/// Whether the parts for small pages and for runs have addresses left to retire.
[[nodiscard]] bool may_retire() noexcept;

/// Whether any page was retired; a hint.
[[nodiscard]] bool has_retired_pages() noexcept;

/// The first half: says of units whose they are, so that whoever frees there finds out.
/// Pre: they are the caller's.
void announce_retired(unit_index first, std::uint32_t units) noexcept;
/// The second: returns them. Pre: nobody has business there any more.
void retire_announced(unit_index first, std::uint32_t units) noexcept;

[[nodiscard]] bool is_retired(unit_index page) noexcept;

/// Counts a free that came too late.
void note_late_free() noexcept;
[[nodiscard]] std::uint64_t late_frees() noexcept;

}  // namespace connarena
