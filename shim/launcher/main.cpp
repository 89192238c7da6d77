// connarena - runs a program under the preload library, and shows its figures.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <initializer_list>
#include <iostream>
#include <string>
#include <string_view>

#include <connarena/version.h>

#include "shim/launcher/export_command.hpp"
#include "shim/launcher/limit_commands.hpp"
#include "shim/launcher/record/record_command.hpp"
#include "shim/launcher/refusal.hpp"
#include "shim/launcher/report_command.hpp"
#include "shim/launcher/run_command.hpp"
#include "shim/launcher/stats_command.hpp"
#include "shim/launcher/top_command.hpp"

namespace connarena::launcher {
namespace {

constexpr const char* footer =
    "`connarena run --help` has the options, and the variables that say the same.\n"
    "\nExit codes: 125 if connarena refuses, 126 if the program cannot be run, 127 if\n"
    "there is none; else 0, or the program's own.";

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Null: there is none of that name.
const CLI::App* command_of(const CLI::App& app, std::string_view word) {
  const auto named = app.get_subcommands(
      [&](const CLI::App* each) { return each->check_name(std::string(word)); });
  return named.empty() ? nullptr : named.front();
}

int show_help(const CLI::App& app, std::string_view about) {
  const CLI::App* const command = command_of(app, about);
  std::cout << (command != nullptr ? command->help("connarena") : app.help());
  return 0;
}

int show_version() {
  std::cout << "connarena " << CONNARENA_VERSION_STRING << "\n";
  return 0;
}

/// What is wrong, and what would be right.
int explain(const CLI::App& app, const std::string& why) {
  refuse(why);
  std::cerr << app.help();
  return refused;
}

/// The one that was parsed; gives its exit code.
template <typename... Commands>
int run_one_of(const Commands&... all) {
  int code = 0;
  static_cast<void>(((all.is_asked_for() && (code = all.run(), true)) || ...));
  return code;
}

int parse_and_run(CLI::App& app, int count, char** words) {
  const run_command run(app);
  const report_command report(app);
  const stats_command stats(app);
  const top_command top(app);
  const export_command exported(app);
  const record_command record(app);
  const limit_command limit(app);
  const disconnect_command disconnect(app);
  const std::string_view first = count > 1 ? words[1] : "";
  if (is_one_of(first, {"help", "-h", "--help"})) return show_help(app, count > 2 ? words[2] : "");
  if (is_one_of(first, {"version", "--version"})) return show_version();
  if (first.empty()) return explain(app, "what is to be done?");
  if (command_of(app, first) == nullptr) {
    return explain(app, "there is no command " + std::string(first));
  }
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return refuse(std::string(first) + ": " + error.what() + "; see connarena " +
                  std::string(first) + " --help");
  }
  return run_one_of(run, report, stats, top, exported, record, limit, disconnect);
}

int main_of(int count, char** words) {
  try {
    CLI::App app("One memory arena per network connection, for any program", "connarena");
    app.footer(footer);
    app.set_version_flag("--version", CONNARENA_VERSION_STRING);
    app.require_subcommand(1);
    return parse_and_run(app, count, words);
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

}  // namespace
}  // namespace connarena::launcher

int main(int count, char** words) { return connarena::launcher::main_of(count, words); }
