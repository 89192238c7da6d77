// gains.hpp - what connarena gave back and at what cost, a line a program: all that one
// round can tell. The verdict needs more (verdict.hpp).
#pragma once

#include <string>
#include <vector>

#include "report/results.hpp"

namespace demo {

/// What one program's connections gave back under connarena, beside the others.
struct gain {
  std::string program;
  double returned_mib = 0;  ///< of the peak, 1 s after the close
  std::string line;
};

/// In the order of `programs`, without those that did not get through under connarena.
[[nodiscard]] std::vector<gain> gains_of(const results& all,
                                         const std::vector<std::string>& programs,
                                         const std::vector<std::string>& allocators);

/// The program whose picture shows most; empty if there is none.
[[nodiscard]] std::string most_telling(const std::vector<gain>& gains);

}  // namespace demo
