#include "shim/launcher/report_command.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "shim/launcher/live_text.hpp"
#include "shim/launcher/process_table.hpp"
#include "shim/launcher/record/page.hpp"
#include "shim/launcher/record/record_file.hpp"
#include "shim/launcher/refusal.hpp"
#include "shim/launcher/report_files.hpp"
#include "shim/launcher/survivor_table.hpp"
#include "shim/report/summary.hpp"

namespace connarena::launcher {
namespace {

constexpr std::int64_t ns_a_ms = 1000000;

}  // namespace

report_command::report_command(CLI::App& app)
    : command_(app.add_subcommand("report", "Show what `run --report` or `record` wrote")) {
  command_->footer("Exit code: 0; 125 if the file is neither, or the page cannot be written.");
  command_->add_flag("--each", shows_each_, "The figures of each process, too");
  page_given_ = command_->add_flag("--html{}", page_, "Make a page of a recording (FILE.html)")
                    ->type_name("[=OUT]");
  command_->add_option("file", file_, "What --report=FILE, or record -o FILE, named")->required();
}

int report_command::make_page(const regular_file& file) const {
  const page_parts* const parts = built_in_page();
  if (parts == nullptr) {
    return refuse(
        "report: this connarena was built without uPlot, which draws the page: npm was missing");
  }
  const std::string name = page_.empty() ? file_ + ".html" : page_;
  std::ofstream page(name);
  page << page_of(read_recording(file), *parts) << std::flush;
  if (!page) return refuse("cannot write " + name + ": " + std::strerror(errno));
  std::cout << name << "\n";
  return 0;
}

int report_command::show_recording(const regular_file& file) const {
  const recording read = read_recording(file);
  std::cout << read.of.program << ", process " << read.of.pid << ", " << read.looks.size()
            << " looks";
  if (!read.looks.empty()) {
    const look& last = read.looks.back();
    std::cout << " over " << span_text((last.at_ms - read.looks.front().at_ms) * ns_a_ms) << "\n";
    std::cout << "  at the end: resident " << bytes_text(last.resident_bytes) << ", footprint "
              << bytes_text(last.footprint_bytes) << ", connections " << last.open << ", opened "
              << last.opened;
  }
  std::cout << "\nconnarena report --html " << file_ << " makes a page of it\n";
  return 0;
}

int report_command::run() const {
  if (const regular_file file(file_); is_recording(file)) {
    return page_given_->count() != 0 ? make_page(file) : show_recording(file);
  }
  if (page_given_->count() != 0) {
    return refuse(file_ + " is no recording: connarena record -o FILE makes one");
  }
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
