// habit.hpp - whether the lanes of this process stay with the threads that own them.
//
// That a lane changes hands costs a fence, as long as a thousand takings of its guard.
// Where the handlers of a connection run on any thread of a pool each lane would pay
// that, so once lanes are seen to move, new ones have no owner from the start; one in
// some is still tried, so that it is noticed when they stay again.
//
// Threads: any. Where lanes stay nothing is written here.
#pragma once

namespace connarena {

/// A fence was paid for a lane that moved, or was ended by another than its owner.
void note_lane_moved() noexcept;
/// A lane was ended by the thread that owned it.
void note_lane_stayed() noexcept;
/// Whether a lane that is opened now may have an owner.
[[nodiscard]] bool may_new_lane_be_owned() noexcept;

}  // namespace connarena
