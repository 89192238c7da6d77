// machine.hpp - when and on what the demo measured.
#pragma once

#include <string>
#include <vector>

namespace demo {

struct machine {
  std::string date;                ///< YYYY-MM-DD
  std::vector<std::string> lines;  ///< processor, memory, kernel, package versions
};

/// `packages`: Debian packages whose versions matter.
[[nodiscard]] machine describe_machine(const std::vector<std::string>& packages);

}  // namespace demo
