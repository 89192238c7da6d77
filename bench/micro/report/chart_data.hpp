// chart_data.hpp - what charts.gp draws: one file for each chart, a line for each
// work, a column for each contender, "?" where it has no bar.
#pragma once

#include <filesystem>

#include "report/comparison.hpp"

namespace report {

/// Writes speed.dat, close.dat, reconnect.dat, burst.dat and idle.dat, each only if
/// something in it was measured.
void write_chart_data(const comparison& figures, const std::filesystem::path& folder);

}  // namespace report
