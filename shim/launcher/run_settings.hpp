// run_settings.hpp - the options of `connarena run`, each with its variable: one table for the
// command line, its help and the documentation.
#pragma once

#include <span>
#include <string>

namespace connarena::launcher {

struct run_setting {
  const char* option;
  const char* variable;  ///< null: it has none
  const char* takes;     ///< as help shows it
  const char* standard;  ///< what holds where nobody sets it; null: nothing
  const char* help;
  /// What is wrong with a value; empty if nothing is.
  std::string (*reason_against)(const std::string& text);
  const char* alone = nullptr;  ///< what it means without a value; null: it needs one
  bool is_list = false;
};

[[nodiscard]] std::span<const run_setting> run_settings();

inline constexpr const char* base_option = "--base";
inline constexpr const char* accepted_bases = "libc, jemalloc, mimalloc, tcmalloc or a path";

}  // namespace connarena::launcher
