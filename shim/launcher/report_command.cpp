#include "shim/launcher/report_command.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <limits>

#include "shim/launcher/fresh_file.hpp"
#include "shim/launcher/live_text.hpp"
#include "shim/launcher/printable.hpp"
#include "shim/launcher/process_table.hpp"
#include "shim/launcher/record/page.hpp"
#include "shim/launcher/record/record_file.hpp"
#include "shim/launcher/refusal.hpp"
#include "shim/launcher/report_files.hpp"
#include "shim/launcher/survivor_table.hpp"
#include "shim/report/summary.hpp"

namespace connarena::launcher {
namespace {

/// Whatever a recording says: one can be anybody's.
std::int64_t span_ns(std::int64_t first_ms, std::int64_t last_ms) {
  constexpr std::uint64_t ns_a_ms = 1000000;
  constexpr std::uint64_t most_ms = std::numeric_limits<std::int64_t>::max() / ns_a_ms;
  if (last_ms <= first_ms) return 0;
  const std::uint64_t span =
      static_cast<std::uint64_t>(last_ms) - static_cast<std::uint64_t>(first_ms);
  return static_cast<std::int64_t>(std::min(span, most_ms) * ns_a_ms);
}

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
  struct stat present {};
  if (::lstat(name.c_str(), &present) == 0 && !S_ISREG(present.st_mode)) {
    return refuse("cannot write " + name + ": it is there, and no regular file");
  }
  const std::string text = page_of(read_recording(file), *parts);
  fresh_file page(name);
  if (!page.take_place(text)) return refuse("cannot write " + name + ": " + std::strerror(errno));
  std::cout << name << "\n";
  return 0;
}

int report_command::show_recording(const regular_file& file) const {
  const recording read = read_recording(file);
  std::cout << printable(read.of.program) << ", process " << read.of.pid << ", "
            << read.looks.size() << " looks";
  if (!read.looks.empty()) {
    const look& last = read.looks.back();
    std::cout << " over " << span_text(span_ns(read.looks.front().at_ms, last.at_ms)) << "\n";
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
