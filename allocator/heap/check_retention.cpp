#include "heap/check_retention.hpp"

#include "base/checks.hpp"

namespace connarena::retention {

void check(const amounts& seen) noexcept {
  if (!checks_invariants) return;
  const amounts counted = exact();
  CONNARENA_DCHECK(counted.live == seen.live);
  CONNARENA_DCHECK(counted.in_slabs == seen.in_slabs);
  CONNARENA_DCHECK(counted.in_own_lanes == seen.in_own_lanes);
  CONNARENA_DCHECK(counted.in_shared_lanes == seen.in_shared_lanes);
}

}  // namespace connarena::retention
