// tables.hpp - the report's tables.
#pragma once

#include <iosfwd>

#include "report/comparison.hpp"

namespace report {

/// All of them. A table of which nothing was measured is left out.
void print_tables(const comparison& figures, std::ostream& out);

}  // namespace report
