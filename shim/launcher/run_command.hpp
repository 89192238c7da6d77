// run_command.hpp - `connarena run`: becomes a program under the preload library.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "shim/launcher/run_settings.hpp"

namespace connarena::launcher {

class run_command {
 public:
  explicit run_command(CLI::App& app);
  [[nodiscard]] bool is_asked_for() const { return command_->parsed(); }
  /// Returns only if it cannot: with the exit code.
  [[nodiscard]] int run() const;

 private:
  /// What was given to an option.
  struct values {
    std::string text;
    std::vector<std::string> list;  ///< of one that is a list
  };

  void add(const run_setting& each, values& to);
  [[nodiscard]] const std::string& value_of(const char* option) const;
  [[nodiscard]] std::string reason_against_settings() const;
  void set_variables() const;

  CLI::App* command_;
  std::vector<values> values_;  ///< as in run_settings()
  std::vector<std::string> program_;
};

}  // namespace connarena::launcher
