// connarena - runs a program under the preload library, and shows its report.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "shim/launcher/libraries.hpp"
#include "shim/launcher/program_check.hpp"
#include "shim/launcher/survivor_table.hpp"
#include "shim/report/counters.hpp"
#include "shim/report/summary.hpp"
#include "shim/settings/sizes.hpp"

namespace connarena::launcher {
namespace {

constexpr int refused = 125;  // as env and nohup say that they failed themselves

struct run_options {
  std::string base, on_close, min_size, small, retain, report;
  bool hardened = false;
  std::vector<std::string> program;
};

int refuse(const std::string& why) {
  std::cerr << "connarena: " << why << "\n";
  return refused;
}

void set(const char* name, const std::string& value) {
  if (!value.empty()) setenv(name, value.c_str(), 1);
}

/// The program's children have its environment: a name is to mean the same file
/// wherever they are, and they are to know whose report it is.
void set_report(const std::string& report) {
  if (report.empty()) return;
  set("CONNARENA_REPORT", report == "stderr" ? report : std::filesystem::absolute(report).string());
  set("CONNARENA_REPORT_PROCESS", std::to_string(getpid()));
}

int run(const run_options& options) {
  const std::string ours = find_preload_library();
  if (ours.empty()) return refuse("libconnarena_preload.so is neither in ../lib nor beside me");
  std::string base;
  if (!options.base.empty()) {
    base = find_base_library(options.base);
    if (base.empty()) return refuse("there is no base allocator " + options.base);
  }
  const std::string program = find_program(options.program.front());
  if (program.empty()) return refuse("there is no program " + options.program.front());
  if (const std::string reason = reason_against(program); !reason.empty()) return refuse(reason);
  set("LD_PRELOAD", preload_list(ours, base));
  set("CONNARENA_ON_CLOSE", options.on_close);
  set("CONNARENA_MIN_SIZE", options.min_size);
  set("CONNARENA_SMALL", options.small);
  set("CONNARENA_RETAIN", options.retain);
  if (options.hardened) set("CONNARENA_HARDENED", "on");
  set_report(options.report);
  std::vector<char*> arguments;
  for (const std::string& word : options.program)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(program.c_str(), arguments.data());
  return refuse("cannot run " + program + ": " + std::strerror(errno));
}

int show_report(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return refuse("cannot read " + path + ": " + std::strerror(errno));
  alignas(shim::report::counters) static char bytes[shim::report::file_bytes];
  const ssize_t got = read(file, bytes, sizeof bytes);
  close(file);
  const auto* const figures = reinterpret_cast<const shim::report::counters*>(bytes);
  if (got < static_cast<ssize_t>(sizeof *figures) ||
      std::memcmp(figures->magic, shim::report::file_magic, sizeof figures->magic) != 0) {
    return refuse(path + " is no report; `connarena run --report=FILE` writes one");
  }
  std::cout << shim::report::summary_of(*figures).c_str() << survivor_table(*figures);
  return 0;
}

/// As CLI11 wants it: empty, or what is wrong.
std::string check_size(const std::string& text) {
  std::size_t ignored = 0;
  if (shim::parse_size(text.c_str(), ignored)) return {};
  return text + " is no size: it takes " + shim::accepted_sizes;
}

void add_run(CLI::App& app, run_options& options) {
  CLI::App* const command = app.add_subcommand("run", "Run a program under the preload library");
  command->prefix_command(false);
  command->positionals_at_end();
  command->add_option("--base", options.base,
                      "The malloc under it: libc, jemalloc, mimalloc, tcmalloc or a path");
  command
      ->add_option("--on-close", options.on_close,
                   "What becomes of blocks that survive their connection: drain keeps them until "
                   "they are freed (default), release ends them")
      ->check(CLI::IsMember({"drain", "release"}));
  command
      ->add_option("--min-size", options.min_size,
                   "Smaller blocks are the base allocator's (default 4K)")
      ->check(check_size);
  command
      ->add_option("--small", options.small,
                   "Whether connections own blocks under a page, too (default off; on with "
                   "--on-close=release)")
      ->check(CLI::IsMember({"on", "off"}));
  command->add_option("--retain", options.retain, "Floor of the bound on idle memory (default 2M)")
      ->check(check_size);
  command->add_flag("--hardened", options.hardened,
                    "Keep connections' bytes apart, guard large blocks");
  command
      ->add_option("--report", options.report,
                   "Figures in a file for `connarena report`, or at the end on stderr (default)")
      ->expected(0, 1)
      ->default_str("stderr");
  command->add_option("program", options.program, "The program and its arguments")->required();
}

int main_of(int count, char** words) {
  CLI::App app("One memory arena per network connection, for any program", "connarena");
  app.set_version_flag("--version", CONNARENA_VERSION);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return std::string("connarena: ") + error.what() + "; see connarena --help\n";
  });
  run_options options;
  std::string report_file;
  add_run(app, options);
  CLI::App* const report = app.add_subcommand("report", "Show a report that `run` wrote");
  report->add_option("file", report_file, "What --report named")->required();
  CLI11_PARSE(app, count, words);
  return report->parsed() ? show_report(report_file) : run(options);
}

}  // namespace
}  // namespace connarena::launcher

int main(int count, char** words) { return connarena::launcher::main_of(count, words); }
