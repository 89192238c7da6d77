// saved_results.hpp - docs/results.md and its pictures, made from a run of the demo.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "loads/load.hpp"
#include "report/machine.hpp"

namespace demo {

/// Writes docs/results.md and copies the programs' SVGs to docs/results/.
void save_results(const std::filesystem::path& source_tree, const std::filesystem::path& pictures,
                  const std::vector<program>& programs, const machine& measured_on,
                  const std::string& markdown_table, const std::string& markdown_findings);

}  // namespace demo
