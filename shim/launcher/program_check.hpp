// program_check.hpp - whether a program can be run under the preload library.
#pragma once

#include <string>

namespace connarena::launcher {

/// The file that a name means, as the shell would find it; empty if there is none.
[[nodiscard]] std::string find_program(const std::string& name);

/// Why a program cannot be preloaded into; empty if it can. Of a script the
/// interpreter counts.
[[nodiscard]] std::string reason_against(const std::string& path);

}  // namespace connarena::launcher
