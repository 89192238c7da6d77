// process_table.hpp - the processes of a run, one by one, as people read them.
#pragma once

#include <string>
#include <vector>

#include "shim/report/ledger.hpp"

namespace connarena::launcher {

/// A row for each, those with most connections first. Empty if there is one.
[[nodiscard]] std::string process_table(const std::vector<const shim::report::ledger*>& families);

/// The figures of each.
[[nodiscard]] std::string each_process(const std::vector<const shim::report::ledger*>& families);

/// The arenas that the program opened under names. Empty if there are none.
[[nodiscard]] std::string name_table(const std::vector<const shim::report::ledger*>& families);

}  // namespace connarena::launcher
