// report_command.hpp - `connarena report`: shows what `run --report=FILE` wrote, and makes a
// page of what `record` did.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "shim/launcher/regular_file.hpp"

namespace connarena::launcher {

class report_command {
 public:
  explicit report_command(CLI::App& app);
  [[nodiscard]] bool is_asked_for() const { return command_->parsed(); }
  /// The exit code.
  [[nodiscard]] int run() const;

 private:
  [[nodiscard]] int make_page(const regular_file& file) const;
  [[nodiscard]] int show_recording(const regular_file& file) const;

  CLI::App* command_;
  std::string file_, page_;
  CLI::Option* page_given_;
  bool shows_each_ = false;
};

}  // namespace connarena::launcher
