#include "shim/launcher/record/record_command.hpp"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <optional>

#include "shim/launcher/record/awaited_signals.hpp"
#include "shim/launcher/record/record_file.hpp"
#include "shim/launcher/record/recorded_program.hpp"
#include "shim/launcher/record/report_beside.hpp"
#include "shim/launcher/refusal.hpp"
#include "shim/launcher/regular_file.hpp"
#include "shim/launcher/report_files.hpp"
#include "shim/launcher/report_of_process.hpp"
#include "shim/launcher/seconds.hpp"
#include "shim/launcher/watched.hpp"
#include "shim/settings/sizes.hpp"

namespace connarena::launcher {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t most_addresses = 10;
constexpr std::uint64_t least_size = 64 << 10;
constexpr auto between_sites = std::chrono::minutes(1);
constexpr auto while_it_starts = std::chrono::milliseconds(10);

std::string check_size(const std::string& text) {
  std::size_t bytes = 0;
  if (!shim::parse_size(text.c_str(), bytes)) {
    return text + " is no size: it takes " + shim::accepted_sizes;
  }
  if (bytes > regular_file::most_bytes) return text + " is too much: it takes 256M at most";
  return bytes < least_size ? text + " is too little: it takes 64K at least" : "";
}

bool is_number(const std::string& word) {
  return word.find_first_not_of("0123456789") == word.npos;
}

std::vector<survivor_site> sites_in(const std::string& report) {
  std::vector<survivor_site> sites;
  if (report.empty()) return sites;
  const report_files files(report);
  if (!files.error().empty()) return sites;
  for (const shim::report::ledger* each : files.families()) {
    std::vector<survivor_site> of_family = survivor_sites(*each);
    std::move(of_family.begin(), of_family.end(), std::back_inserter(sites));
  }
  std::stable_sort(sites.begin(), sites.end(),
                   [](const auto& one, const auto& other) { return one.bytes > other.bytes; });
  return sites;
}

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// Looks at a service, and writes down what it sees.
class recorder {
 public:
  recorder(record_file& into, pid_t process, std::string report, clock::duration every)
      : into_(into), process_(process), report_(std::move(report)), every_(every) {}

  /// False if there is nothing to be seen.
  bool look() {
    std::optional<live_process> seen = at_.look(process_, true, most_addresses);
    // One that is ending has given its memory back.
    if (seen && seen->resident_bytes == 0) seen.reset();
    if (seen && !has_begun_) into_.begin({seen->program, process_});
    has_begun_ = has_begun_ || seen;
    next_ = clock::now() + (has_begun_ ? every_ : clock::duration(while_it_starts));
    if (!seen) return false;
    into_.add(look_at(*seen, now_ms()));
    if (clock::now() >= next_sites_) look_at_sites();
    return true;
  }
  void look_at_sites() {
    next_sites_ = clock::now() + between_sites;
    if (!has_begun_) return;
    const std::vector<survivor_site> sites = sites_in(report_);
    if (!sites.empty()) into_.add(sites);
  }
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  [[nodiscard]] clock::duration until_next() const { return next_ - clock::now(); }

 private:
  record_file& into_;
  pid_t process_;
  std::string report_;
  clock::duration every_;
  watched at_;
  bool has_begun_ = false;
  clock::time_point next_{}, next_sites_ = clock::now() + between_sites;
};

/// Until a signal, or the end of the process.
void record_process(recorder& with, const record_file& into, const awaited_signals& signals) {
  while (into.error().empty() && with.look()) {
    const int signal = signals.wait(with.until_next());
    if (signal != 0 && signal != SIGCHLD) break;
  }
  with.look_at_sites();
}

/// Until the program ends, whatever becomes of the recording. What comes from a terminal
/// comes to the program, too.
void record_program(recorder& with, recorded_program& program, const record_file& into,
                    const awaited_signals& signals) {
  while (!program.has_ended()) {
    if (into.error().empty() && with.until_next() <= clock::duration::zero()) with.look();
    const int signal = signals.wait(with.until_next());
    if (signal == SIGTERM || signal == SIGHUP) program.pass_on(signal);
  }
  with.look_at_sites();
}

/// A page made of it would be taken for the program's.
void say_it_is_earlier(const std::string& file) {
  std::cerr << "connarena: the program ended before a look at it: " << printable(file)
            << " is the earlier recording\n";
}

}  // namespace

record_command::record_command(CLI::App& app)
    : command_(app.add_subcommand("record", "Keep live figures over time in a file")) {
  command_->positionals_at_end();
  command_->footer(
      "A program is started as `run` does, a PID stands for its service, until it ends\n"
      "or SIGINT. `connarena report FILE --html` makes a page of it. Exit code: the\n"
      "program's own; 125 if it cannot begin, or the file cannot be written.");
  command_->add_option("-o,--output", file_, "The file")->type_name("FILE")->required();
  command_->add_option("--every", every_seconds_, "Between two looks (1)")
      ->type_name("SECONDS")
      ->check(seconds_within(0.05, 3600));
  command_->add_option("--size", most_size_, "Of the file; then every second look goes (8M)")
      ->type_name("SIZE")
      ->check(CLI::Validator(check_size, ""));
  command_->add_option("--sites", sites_, "A program notes where survivors come from (on)")
      ->type_name("on|off")
      ->check(CLI::IsMember({"on", "off"}).description(""));
  command_->add_option("target", target_, "The program and its arguments, or a PID")->required();
}

int record_command::run() const {
  const bool is_process = target_.size() == 1 && is_number(target_.front());
  if (std::string error; is_process && find_segment(target_.front(), error) == nullptr) {
    return refuse(error);
  }
  std::size_t most_bytes = 0;
  static_cast<void>(shim::parse_size(most_size_.c_str(), most_bytes));
  record_file into(file_, most_bytes);
  if (!into.error().empty()) return refuse(into.error());
  const auto every =
      std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(every_seconds_));
  const awaited_signals signals;
  if (is_process) {
    const pid_t process = std::stoi(target_.front());
    recorder with(into, process, report_of(process), every);
    record_process(with, into, signals);
    return into.error().empty() ? 0 : refuse(into.error());
  }
  const char* const wanted = std::getenv("CONNARENA_REPORT");
  const bool has_own = wanted != nullptr && *wanted != '\0';
  std::optional<report_beside> beside;
  if (sites_ == "on" && !has_own) beside.emplace(file_);
  const std::string report = beside ? beside->name() : "";
  if (beside && report.empty())
    return refuse("cannot make a report beside " + file_ + ": " + std::strerror(errno));
  recorded_program program(target_, report, signals);
  if (program.pid() == 0) return refuse(std::string("cannot start it: ") + std::strerror(errno));
  recorder with(into, program.pid(), has_own ? wanted : report, every);
  record_program(with, program, into, signals);
  if (!with.has_begun() && into.holds_earlier()) say_it_is_earlier(file_);
  return into.error().empty() ? program.exit_code() : refuse(into.error());
}

}  // namespace connarena::launcher
