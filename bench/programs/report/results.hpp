// results.hpp - all that the demo measured.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trial.hpp"

namespace demo {

struct results {
  std::vector<trial_result> trials;
  /// Resident bytes under glibc after malloc_trim(0), by program.
  std::map<std::string, std::uint64_t> after_trim_bytes;
  std::vector<std::string> failures;  ///< what is no trial's, such as a trim that failed
};

}  // namespace demo
