// stats_command.hpp - `connarena stats`: the live figures of what runs under `run`.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace connarena::launcher {

class stats_command {
 public:
  explicit stats_command(CLI::App& app);
  [[nodiscard]] bool is_asked_for() const { return command_->parsed(); }
  /// The exit code.
  [[nodiscard]] int run() const;

 private:
  [[nodiscard]] int show_all() const;
  /// Unless it was given.
  [[nodiscard]] std::size_t most_connections(std::size_t by_default) const;

  CLI::App* command_;
  std::string pid_;
  bool as_json_ = false;
  bool as_prometheus_ = false;
  std::size_t connections_ = 0;
  CLI::Option* connections_given_;
  CLI::Option* pid_given_;
};

}  // namespace connarena::launcher
