// check_runs.hpp - the list of an arena's runs against what the tables say of each.
//
// Threads: as of the list.
#pragma once

#include "arena/lane/lane.hpp"

namespace connarena {

/// Gives how many there are. Pre: the build checks invariants.
std::uint64_t check_runs(const lane& first) noexcept;

}  // namespace connarena
