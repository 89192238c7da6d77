// libraries.hpp - the files that LD_PRELOAD is to name.
#pragma once

#include <string>

namespace connarena::launcher {

/// The preload library that belongs to this program: installed in ../lib beside
/// its folder, or built into its own. Empty if there is none.
[[nodiscard]] std::string find_preload_library();

/// The library of a base allocator: libc, jemalloc, mimalloc, tcmalloc or a path.
/// Empty if it is not there.
[[nodiscard]] std::string find_base_library(const std::string& base);

/// Why the loader would not find a library by its path; empty if it would.
[[nodiscard]] std::string reason_against_library(const std::string& path);

/// What LD_PRELOAD becomes: ours, the base, and what it was.
[[nodiscard]] std::string preload_list(const std::string& ours, const std::string& base);

}  // namespace connarena::launcher
