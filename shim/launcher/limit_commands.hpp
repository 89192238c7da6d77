// limit_commands.hpp - `connarena limit` and `connarena disconnect`: what the connections of a
// running program may hold, and which of them has to go.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace connarena::launcher {

class limit_command {
 public:
  explicit limit_command(CLI::App& app);
  [[nodiscard]] bool is_asked_for() const { return command_->parsed(); }
  [[nodiscard]] int run() const;

 private:
  CLI::App* command_;
  std::string pid_, limit_, over_limit_, budget_;
};

class disconnect_command {
 public:
  explicit disconnect_command(CLI::App& app);
  [[nodiscard]] bool is_asked_for() const { return command_->parsed(); }
  [[nodiscard]] int run() const;

 private:
  CLI::App* command_;
  std::string pid_, id_;
};

}  // namespace connarena::launcher
