// check_lane.hpp - the formulas of lane.hpp, and what the lists and tables of its small
// blocks say about them: see base/checked.hpp.
//
// Threads: whoever is inside the lane. Others may be freeing blocks of it.
#pragma once

#include "arena/lane/lane.hpp"
#include "base/checked.hpp"

namespace connarena {

/// Walks through small/check_small_blocks.cpp. Pre: the build checks invariants.
std::uint64_t check_whole(const lane& in) noexcept;

inline void check(const lane& in) noexcept {
  if constexpr (checks_invariants) {
    CONNARENA_DCHECK(in.tag == make_owner(page_kind::small, in.index));
    CONNARENA_DCHECK(in.bump <= in.bump_end);
    // live = carved - free, and lies in the lane's pages or its first block
    CONNARENA_DCHECK(free_granules(in) <= carved_granules(in));
    CONNARENA_DCHECK(live_granules(in) <=
                     std::uint64_t{in.small_pages} * page_granules + first_block_granules);
    CONNARENA_DCHECK(in.idle_granules <= free_granules(in));
    CONNARENA_DCHECK(in.spans != 0 || (in.bump_end == 0 && in.current == 0));
    CONNARENA_DCHECK(in.current == 0 || in.current <= in.bump);
    CONNARENA_DCHECK(!in.has_spare || (in.spans != 0 && in.spans != in.current));
    CONNARENA_DCHECK(in.step_granules != 0 && in.step_pages != 0);
    CONNARENA_DCHECK(!in.is_plain || (in.spans != 0 && in.current != 0 && in.recycle_at == 0));
    CONNARENA_DCHECK(!in.is_plain || (!in.has_mixed && !in.has_marks && in.harvest_span == 0));
    CONNARENA_DCHECK(!in.is_plain || (in.idle_granules == 0 && in.step_pages == 1));
  }
}

}  // namespace connarena
