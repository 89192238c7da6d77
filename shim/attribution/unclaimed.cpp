#include "shim/attribution/unclaimed.hpp"

#include "shim/handler_safe/inside_core.hpp"

namespace connarena::shim {

using detail::unclaimed;
using detail::unclaimed_runs;

constinit thread_local unclaimed_runs detail::unclaimed __attribute__((tls_model("initial-exec")));

void note_unclaimed(const void* run, core::handle owner) noexcept {
  unclaimed_runs& mine = unclaimed;
  if (mine.count < most_companions) mine.runs[mine.count] = run;
  if (mine.count <= most_companions) ++mine.count;
  mine.owner = owner;
}

void detail::give_unclaimed_to(connection_id connection) noexcept {
  unclaimed_runs& mine = unclaimed;
  const std::size_t count = mine.count;
  forget_unclaimed();
  if (count > most_companions || is_inside_core()) return;
  const inside_core inside;
  const core::handle arena = arena_of(connection);
  if (arena == 0 || arena == mine.owner) return;
  for (std::size_t i = 0; i < count; ++i) core::claim(arena, mine.runs[i], mine.owner);
}

void detail::leave_unclaimed() noexcept {
  unclaimed_runs& mine = unclaimed;
  const std::size_t count = mine.count;
  forget_unclaimed();
  if (count > 1 && count <= most_companions) note_companions(mine.runs, count, mine.owner);
}

}  // namespace connarena::shim
