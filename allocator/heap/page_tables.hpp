// page_tables.hpp - what the tables say of memory that the system has: nothing, so
// that parts of the tables go as well.
//
// Units [first, end) became part of the clean run that starts at `merged`. Only its
// first and its last unit have an entry. What the system refuses to take stays, and
// still says nothing.
//
// Threads: the caller holds the lock of the page heap.
#pragma once

#include "base/units.hpp"

namespace connarena {

void forget_small_pages(unit_index first, unit_index end, unit_index merged) noexcept;
/// Owners that remember a released run stay.
void forget_quarters(unit_index first, unit_index end, unit_index merged) noexcept;

}  // namespace connarena
