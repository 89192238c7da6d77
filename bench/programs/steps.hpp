// steps.hpp - which trials there are, and in which order.
//
// Rounds are the outermost loop and allocators the innermost, so that the trials
// to be compared are close in time. Every second round goes backwards through the
// round before it and every two begin with another allocator, so that no allocator
// always runs early, or always after the same other one. In the rounds that are only of
// the judged allocators nothing else runs beside a trial, and trials are closer still.
#pragma once

#include <string>
#include <vector>

#include "options.hpp"
#include "report/results.hpp"

namespace demo {

/// A trial, or the extra one under glibc that ends with malloc_trim(0).
struct step {
  const program* what;
  const allocator_choice* allocator;
  int round;  ///< from 1
  bool is_trimming;
  bool is_brief;  ///< only the judged allocators run in this round, to be compared
};

/// All that is wanted and not measured yet. Refers to `wanted` and to `glibc`.
[[nodiscard]] std::vector<step> steps_of(const options& wanted, const allocator_choice& glibc,
                                         const results& measured);

}  // namespace demo
