// idle_lanes.hpp - where lanes are that have reported idle pages.
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

/// What is done with lanes that were noted.
struct idle_look {
  bool (*is_wanted)(const lane&);  ///< asked from outside of an open lane
  void (*look)(lane&);             ///< called inside; it may have ended since
  bool (*is_done)();               ///< the notes of further lanes then stay
};

/// Takes the notes, and looks into each open lane of the slabs that were noted. Those of
/// arenas for one thread, which may be inside, are noted again.
void take_idle_lanes(const idle_look& by) noexcept;

}  // namespace connarena
