// options.hpp - what the demo was asked to do.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "loads/load.hpp"
#include "process/allocator_choice.hpp"

namespace demo {

struct options {
  std::vector<program> programs;             ///< that are installed, in the table's order
  std::vector<allocator_choice> allocators;  ///< likewise
  int rounds = 3;                            ///< of each trial
  int judged_rounds = 1;                     ///< in all, under those that are judged; not fewer
  bool is_saving = false;
  bool is_continuing = false;  ///< what build/bench/raw.json has is not measured again
  std::filesystem::path source_tree;
  std::filesystem::path build_tree;
};

/// Ends the process for --help and for bad arguments. Says in one line what is
/// asked for and not installed.
[[nodiscard]] options read_options(int count, char** arguments);

}  // namespace demo
