#include "shim/attribution/unclaimed.hpp"

#include <cstddef>

#include "shim/handler_safe/inside_core.hpp"

namespace connarena::shim {
namespace {

// A connection's state, its parser, buffers in both directions and their queues.
constexpr std::size_t most_runs = 8;

struct unclaimed_runs {
  std::size_t count = 0;  ///< more than most_runs: too many to be one connection's
  const void* runs[most_runs] = {};
};
constinit thread_local unclaimed_runs unclaimed __attribute__((tls_model("initial-exec")));

}  // namespace

void note_unclaimed(const void* run) noexcept {
  unclaimed_runs& mine = unclaimed;
  if (mine.count < most_runs) mine.runs[mine.count] = run;
  if (mine.count <= most_runs) ++mine.count;
}

void forget_unclaimed() noexcept { unclaimed.count = 0; }

void claim_for(connection_id connection) noexcept {
  unclaimed_runs& mine = unclaimed;
  if (mine.count == 0) return;
  const std::size_t count = mine.count;
  forget_unclaimed();
  if (count > most_runs || is_inside_core()) return;
  const inside_core inside;
  const core::handle arena = arena_of(connection);
  for (std::size_t i = 0; arena != 0 && i < count; ++i) core::claim(arena, mine.runs[i]);
}

}  // namespace connarena::shim
