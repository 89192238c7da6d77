// run_owner.hpp - whose a run is, and what counts for whom: the length of an arena's
// for its limit, and of unowned ones for the process.
//
// Threads: as in runs.hpp.
#pragma once

#include <cstdint>

#include "arena/runs/run_list.hpp"
#include "heap/region.hpp"
#include "heap/retention.hpp"
#include "heap/threads.hpp"

namespace connarena {

/// Whom a new run is for: an arena, as long as its generation is still this, or
/// nobody.
struct run_owner {
  lane* first = nullptr;
  /// With charged_bit where the arena is charged for the run already: one that is charged
  /// only from then on has not been.
  std::uint64_t generation = 0;
};
inline constexpr std::uint64_t charged_bit = std::uint64_t{1} << 63;
static_assert(most_generation < charged_bit);

[[nodiscard]] inline bool is_charged(run_owner of) noexcept {
  return (of.generation & charged_bit) != 0;
}
[[nodiscard]] inline bool is_limited(run_owner of) noexcept {
  return of.first != nullptr && has_limit(*of.first);
}

inline void count_unowned(std::int64_t quarters) noexcept {
  this_thread().add_unowned(quarters << quarter_shift);
}

inline void count_live(std::int64_t quarters) noexcept {
  retention::add_live(quarters << quarter_shift);
}

/// Whether a run's arena has not ended. Under its runs_lock the answer lasts.
[[nodiscard]] inline bool is_open(run_owner of) noexcept {
  const std::uint64_t now = of.first->generation.load(std::memory_order_relaxed);
  return now == of.generation || (now | charged_bit) == of.generation;
}

/// Reserves quarters for a run. False if its arena has ended, or is at its limit. Pre:
/// is_limited; the owner has charged_bit from then on.
[[nodiscard, gnu::noinline]] inline bool reserve_for(run_owner of,
                                                     std::uint32_t quarters) noexcept {
  const runs_lock guard(*of.first);
  return is_open(of) && reserve(*of.first, bytes_of_quarters(quarters));
}

/// They are not taken. An arena that has ended is charged no more.
inline void give_up_for(run_owner of, std::uint32_t quarters) noexcept {
  if (!is_charged(of)) return;
  const runs_lock guard(*of.first);
  if (is_open(of)) give_up(*of.first, bytes_of_quarters(quarters));
}

/// Makes an arena's live run unowned.
inline void let_go(lane& first, quarter_index run, std::uint32_t flags) noexcept {
  unlink(first, run);
  ++first.run_deallocations;
  count_unowned(run_info(run).quarters());
  // release: pairs with the acquire in take_away and in count_length
  owner_at(run).store(make_owner(page_kind::run, 0) | flags, std::memory_order_release);
}

}  // namespace connarena
