// export_command.hpp - `connarena export`: live figures over HTTP, for a Prometheus.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace connarena::launcher {

class export_command {
 public:
  explicit export_command(CLI::App& app);
  [[nodiscard]] bool is_asked_for() const { return command_->parsed(); }
  /// Returns when a signal asks it to end, or what it watches has ended: with the exit code.
  [[nodiscard]] int run() const;

 private:
  CLI::App* command_;
  std::string address_;
  std::size_t connections_ = 10;
  std::vector<std::string> pids_;
};

}  // namespace connarena::launcher
