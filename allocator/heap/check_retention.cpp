#include "heap/check_retention.hpp"

#include "base/checks.hpp"
#include "heap/account.hpp"

namespace connarena::retention {

void check(const retained_sums& seen) noexcept {
  if (!checks_invariants) return;
  const retained_sums waiting = counts_of_threads();
  CONNARENA_DCHECK(now(account.cached) + waiting.cached == seen.cached);
  CONNARENA_DCHECK(now(account.in_lanes) + waiting.in_lanes == seen.in_lanes);
  CONNARENA_DCHECK(now(account.live) + waiting.live == seen.live);
}

}  // namespace connarena::retention
