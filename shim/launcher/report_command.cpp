#include "shim/launcher/report_command.hpp"

#include <iostream>

#include "shim/launcher/process_table.hpp"
#include "shim/launcher/refusal.hpp"
#include "shim/launcher/report_files.hpp"
#include "shim/launcher/survivor_table.hpp"
#include "shim/report/summary.hpp"

namespace connarena::launcher {

report_command::report_command(CLI::App& app)
    : command_(app.add_subcommand("report", "Show a report that `run` wrote")) {
  command_->footer("Exit code: 0; 125 if the file is no report.");
  command_->add_flag("--each", shows_each_, "The figures of each process, too");
  command_->add_option("file", file_, "What --report=FILE named")->required();
}

int report_command::run() const {
  const report_files files(file_);
  if (!files.error().empty()) return refuse(files.error());
  shim::report::totals sums;
  for (const shim::report::ledger* each : files.families()) sums.add(*each);
  sums.conclude();
  std::cout << (shows_each_ ? each_process(files.families()) : "")
            << shim::report::summary_of(sums).c_str() << name_table(files.families())
            << process_table(files.families());
  for (const shim::report::ledger* each : files.families()) std::cout << survivor_table(*each);
  std::cout << shim::report::outcome_of(sums).c_str();
  return 0;
}

}  // namespace connarena::launcher
