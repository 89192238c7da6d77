// survivor_table.hpp - where what survived its connection was allocated, as people read
// it.
#pragma once

#include <string>

#include "shim/report/ledger.hpp"

namespace connarena::launcher {

/// A row for each call site, the one that left most bytes first, and below it who called
/// it. Empty if nothing survived.
[[nodiscard]] std::string survivor_table(const shim::report::ledger& family);

}  // namespace connarena::launcher
