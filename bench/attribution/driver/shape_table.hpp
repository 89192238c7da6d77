// shape_table.hpp - the test servers, what is asked of each, and what was measured.
#pragma once

#include <string>
#include <vector>

#include "driver/shape_trial.hpp"

namespace attribution {

struct shape_row {
  std::string title;
  shape_load load;
  double asked_percent;  ///< of the runs' bytes x lifetime to the right connection; 0: nothing

  shape_figures with_runs;   ///< as the preload library is by default, runs alone
  shape_figures with_small;  ///< with the small blocks of connections
};

/// The rows of the table, without figures.
[[nodiscard]] std::vector<shape_row> all_shapes();

/// In Markdown.
[[nodiscard]] std::string shape_table(const std::vector<shape_row>& rows);

/// Whether the row reached what is asked of it, or could not be measured here.
[[nodiscard]] bool reaches(const shape_row& row);

}  // namespace attribution
