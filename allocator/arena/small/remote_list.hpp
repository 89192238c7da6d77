// remote_list.hpp - a lane's list of blocks that others have freed: a word, in the lane's
// own cache line, of how much there is and of the first block; the rest runs through them.
//
// Any thread pushes; whoever takes takes all. See remote_free.hpp for what that means.
#pragma once

#include "arena/lane/lane.hpp"

namespace connarena {

/// A list of freed blocks of a lane, which runs through them.
struct freed_blocks {
  granule_index first;  ///< 0: there is none
  granule_index last;
  std::uint32_t granules;
};

/// Puts blocks on a lane's remote list. True if another step waits there. The caller then
/// looks at the owner of the first one's page again: see remote_free.hpp.
bool push_remote(lane& to, const freed_blocks& blocks) noexcept;

/// Takes all that waits in a lane's list: the first block of it; 0: nothing.
[[nodiscard]] granule_index take_remote(lane& from) noexcept;

/// The block behind one of a list; 0: none.
[[nodiscard]] granule_index next_remote(granule_index block) noexcept;

}  // namespace connarena
