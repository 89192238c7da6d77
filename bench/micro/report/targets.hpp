// targets.hpp - what must be reached, and whether it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/comparison.hpp"

namespace report {

struct verdict {
  std::string work;
  std::string contender;
  std::string target;
  std::optional<spread> measured;  ///< empty: not measured
  std::string against;             ///< the peer compared with, where there is one
  bool is_reached = false;
};

/// Every target whose work was measured, in the order of the works.
[[nodiscard]] std::vector<verdict> judge(const comparison& figures);

}  // namespace report
