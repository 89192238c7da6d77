// core_sandbox.cpp - a process that is about to forbid itself calls to the system.
#include "api/core.hpp"

#include <algorithm>

#include "arena/helper.hpp"
#include "arena/lane/access.hpp"
#include "arena/totals.hpp"
#include "heap/commits.hpp"
#include "heap/hardening.hpp"
#include "heap/page_heap.hpp"
#include "heap/region.hpp"
#include "heap/reservation.hpp"
#include "heap/slot_pool.hpp"
#include "os/os.hpp"

namespace connarena::core {
namespace {

/// What is committed and reserved for a process that can do either no more.
void get_ahead(bool may_protect, bool may_map) noexcept {
  constexpr std::size_t ahead_bytes = 32 * mib;
  lock_places();
  lock_page_heaps();
  for (region_part* part :
       {&region.slots, &region.small, &region.runs, &region.base_runs, &region.lane_pages}) {
    if (!may_map) static_cast<void>(reserve_up_to(*part, part->end));
    if (may_protect) continue;
    const auto pages = static_cast<unit_index>(ahead_bytes >> part->shift);
    static_cast<void>(
        commit_part(*part, part->committed + std::min(pages, part->end - part->committed)));
  }
  unlock_page_heaps();
  unlock_places();
}

allowance may_fence;

os::allowed_calls to_system(allowed_calls allowed) noexcept {
  return {allowed.protect,       allowed.advise,   allowed.advise_guards,
          allowed.advise_locked, allowed.uncommon, allowed.map};
}

}  // namespace

void enter_sandbox(allowed_calls allowed) noexcept {
  if (!region_ready()) return;
  static_cast<void>(this_thread());
  static_cast<void>(owners_possible());
  forbid_helper();
  get_ahead(allowed.protect, allowed.map);
  if (!allowed.fence) {
    may_fence.forbid();
    end_ownership();
  }
  if (is_hardened()) static_cast<void>(os::guards_split_mappings());
  os::restrict_calls(to_system(allowed));
}

void leave_sandbox(allowed_calls allowed) noexcept {
  if (!region_ready()) return;
  os::lift_restriction(to_system(allowed));
  let_helper();
  if (allowed.fence) return;
  may_fence.take_back();
  if (may_fence.holds()) let_threads_own_again();
}

bool fence_all_threads() noexcept { return owners_possible() && os::fence_all_threads(); }

}  // namespace connarena::core
