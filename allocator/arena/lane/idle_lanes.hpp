// idle_lanes.hpp - where lanes of arenas for any thread are that have reported idle pages.
//
// Any thread may note a lane; who ends an epoch takes all that was noted, looks at each
// lane, and notes those again that still have some. So nothing depends on how many
// arenas are open. What is noted is the slab that a lane's place is in: a lane whose arena
// has ended needs no unlisting, and its place may be another's when it is looked at.
#pragma once

#include "arena/lane/lane.hpp"

namespace connarena {

/// Notes a lane.
void note_idle(const lane& in) noexcept;

/// Takes the notes, and calls `look(lane)` inside each open lane for any thread of the slabs
/// that were noted of which `is_wanted(lane)` says so from outside. It may have ended since.
void take_idle_lanes(bool (*is_wanted)(const lane&), void (*look)(lane&)) noexcept;

}  // namespace connarena
