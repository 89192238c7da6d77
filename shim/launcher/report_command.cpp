#include "shim/launcher/report_command.hpp"

#include <cstring>
#include <iostream>

#include "shim/launcher/refusal.hpp"
#include "shim/launcher/regular_file.hpp"
#include "shim/launcher/survivor_table.hpp"
#include "shim/report/counters.hpp"
#include "shim/report/summary.hpp"

namespace connarena::launcher {

report_command::report_command(CLI::App& app)
    : command_(app.add_subcommand("report", "Show a report that `run` wrote")) {
  command_->footer("Exit code: 0; 125 if the file is no report.");
  command_->add_option("file", file_, "What --report=FILE named")->required();
}

int report_command::run() const {
  const regular_file file(file_);
  if (!file.is_open()) {
    return refuse("cannot read " + file_ + ": " +
                  (file.error() != 0 ? std::strerror(file.error()) : "it is no regular file"));
  }
  alignas(shim::report::counters) static char bytes[shim::report::file_bytes];
  file.read(0, bytes, sizeof bytes);
  const auto* const figures = reinterpret_cast<const shim::report::counters*>(bytes);
  if (file.size() < sizeof *figures ||
      std::memcmp(figures->magic, shim::report::file_magic, sizeof figures->magic) != 0) {
    return refuse(file_ + " is no report; `connarena run --report=FILE` writes one");
  }
  std::cout << shim::report::summary_of(*figures).c_str() << survivor_table(*figures);
  return 0;
}

}  // namespace connarena::launcher
