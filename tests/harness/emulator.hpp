// emulator.hpp - tests that are built for another processor: what runs their programs.
#pragma once

#include <string>

namespace harness {

/// The program in front of those that were built; empty where this machine runs them itself.
inline const std::string emulator = CONNARENA_EMULATOR;

/// What a program wrote, without what qemu says where a signal ends it.
[[nodiscard]] inline std::string without_words_of_emulator(const std::string& errors) {
  const std::size_t at = emulator.empty() ? std::string::npos : errors.find("qemu: uncaught ");
  return errors.substr(0, at);
}

}  // namespace harness
