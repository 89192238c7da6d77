// touch_habit.hpp - whether the program soon writes to all of a block of some length.
//
// Of memory that is fresh from the system each page costs a fault when it is first written;
// one call that brings all pages of a block costs as much as one or two of those. But what
// nobody writes would be resident for nothing. So of each doubling of lengths one fresh run in
// some is left as it is, and looked at when the next one comes: only where the last ones looked
// at were touched to their ends are others filled.
//
// Threads: any. What two note at the same moment one may lose: it is a habit, no account.
#pragma once

#include <cstdint>

#include "base/units.hpp"

namespace connarena {

/// A buffer that is grown is filled by what it is grown for; a new one may never be.
enum class came_to_be : std::uint8_t { new_block, grown };

/// Of a run that the system has back, for a block that is about to be handed out: makes its
/// pages resident, if that is what comes of such runs. Where the system does not say what
/// came of them nothing is filled.
void fill_by_habit(quarter_index run, std::uint32_t quarters, came_to_be how) noexcept;

}  // namespace connarena
