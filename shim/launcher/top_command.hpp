// top_command.hpp - `connarena top`: a running program's connections, as they come and go.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "shim/launcher/connection_table.hpp"

namespace connarena::launcher {

class top_command {
 public:
  explicit top_command(CLI::App& app);
  [[nodiscard]] bool is_asked_for() const { return command_->parsed(); }
  /// The exit code.
  [[nodiscard]] int run() const;

 private:
  [[nodiscard]] table_order order() const;
  [[nodiscard]] int show_once() const;
  [[nodiscard]] int show_on_screen() const;

  CLI::App* command_;
  CLI::Option* pid_given_;
  std::string pid_;
  std::string sort_ = "footprint";
  std::string filter_;
  double delay_seconds_ = 1;
  bool is_reversed_ = false;
  bool is_together_ = false;
  bool once_ = false;
};

}  // namespace connarena::launcher
