// allocator_choice.hpp - the allocators a program runs under, each by LD_PRELOAD.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace demo {

struct allocator_choice {
  std::string name;
  std::string title;       ///< in pictures
  std::string colour;      ///< of its line
  std::string library;     ///< preloaded; empty for glibc's own malloc
  std::string settings;    ///< NAME=VALUE, or empty
  std::string package;     ///< the Debian package that has the library; empty if we build it
  bool is_judged = false;  ///< the verdict compares its throughput, over more rounds
};

/// All allocators, in the table's order.   `build_tree` is where connarena was built.
[[nodiscard]] std::vector<allocator_choice> all_allocators(const std::filesystem::path& build_tree);

/// What a program's environment needs for that allocator. A program that is
/// linked to another malloc gets libc's before it, so that "glibc", and the
/// allocator under connarena, is glibc's.
[[nodiscard]] std::vector<std::string> environment_for(const allocator_choice& allocator,
                                                       bool brings_own_malloc,
                                                       const std::string& further_library = {});

}  // namespace demo
