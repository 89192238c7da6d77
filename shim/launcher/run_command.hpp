// run_command.hpp - `connarena run`: becomes a program under the preload library.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "api/idle_settings.hpp"

namespace connarena::launcher {

class run_command {
 public:
  explicit run_command(CLI::App& app);
  [[nodiscard]] bool is_asked_for() const { return command_->parsed(); }
  /// Returns only if it cannot: with the exit code.
  [[nodiscard]] int run() const;

 private:
  [[nodiscard]] std::string reason_against_settings() const;
  void set_variables() const;

  CLI::App* command_;
  void add_limits();

  std::string base_, on_close_, min_size_, small_, reserve_, hardened_, report_, live_;
  std::string limit_, over_limit_, budget_;
  std::vector<std::string> exempt_;
  std::string idle_[idle_setting_count];  ///< as in the table
  std::vector<std::string> program_;
};

}  // namespace connarena::launcher
