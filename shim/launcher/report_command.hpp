// report_command.hpp - `connarena report`: shows what `run --report=FILE` wrote.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace connarena::launcher {

class report_command {
 public:
  explicit report_command(CLI::App& app);
  [[nodiscard]] bool is_asked_for() const { return command_->parsed(); }
  /// The exit code.
  [[nodiscard]] int run() const;

 private:
  CLI::App* command_;
  std::string file_;
  bool shows_each_ = false;
};

}  // namespace connarena::launcher
