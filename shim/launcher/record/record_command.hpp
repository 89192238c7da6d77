// record_command.hpp - `connarena record`: keeps a service's live figures in a file.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace connarena::launcher {

class record_command {
 public:
  explicit record_command(CLI::App& app);
  [[nodiscard]] bool is_asked_for() const { return command_->parsed(); }
  /// The exit code: of a program that it started, the program's.
  [[nodiscard]] int run() const;

 private:
  CLI::App* command_;
  std::string file_;
  std::string most_size_ = "8M";
  std::string sites_ = "on";
  double every_seconds_ = 1;
  std::vector<std::string> target_;
};

}  // namespace connarena::launcher
