// catalogue.hpp - the works and contenders in the order in which they are shown.
#pragma once

#include <string>
#include <vector>

namespace report {

struct work {
  std::string key;
  std::string title;
  /// Where a contender that kept what it closed would be compared with one that
  /// returned it: the bytes that go. 0: not asked.
  double returnable_bytes = 0;
};

/// Works whose time is compared.
[[nodiscard]] const std::vector<work>& timed_works();

/// Works that count resident bytes.
[[nodiscard]] const std::vector<work>& idle_works();

struct contender {
  std::string key;
  std::string title;
  bool is_ours = false;
  bool is_heap = true;      ///< one for each connection; else a plain malloc
  bool is_checked = false;  ///< ends the program at a bad free, as ours do
};

[[nodiscard]] const std::vector<contender>& contenders();

}  // namespace report
