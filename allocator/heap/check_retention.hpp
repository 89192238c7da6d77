// check_retention.hpp - the counts of the process against what they count.
#pragma once

#include "heap/retention.hpp"

namespace connarena::retention {

/// `seen`: what they stand for, added up from where it is. Pre: nobody changes a count, and
/// the build checks invariants.
void check(const amounts& seen) noexcept;

}  // namespace connarena::retention
