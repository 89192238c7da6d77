// refusal.hpp - how the launcher ends when it does not run the program.
#pragma once

#include <iostream>
#include <string>

#include "shim/launcher/printable.hpp"

namespace connarena::launcher {

// As env and nohup say that they failed themselves, and the shell that a program did.
inline constexpr int refused = 125;
inline constexpr int cannot_be_run = 126;
inline constexpr int not_found = 127;

inline int refuse(const std::string& why, int exit_code = refused) {
  std::cerr << "connarena: " << printable(why) << "\n";
  return exit_code;
}

}  // namespace connarena::launcher
