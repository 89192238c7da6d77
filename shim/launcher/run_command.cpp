#include "shim/launcher/run_command.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "shim/launcher/libraries.hpp"
#include "shim/launcher/program_check.hpp"
#include "shim/launcher/refusal.hpp"

namespace connarena::launcher {
namespace {

constexpr const char* run_footer =
    "Variables, too: CONNARENA_ON_CLOSE, CONNARENA_REPORT... Refused: 125, 126, 127.";

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& each : words) all += (all.empty() ? "" : ",") + each;
  return all;
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

int become(const std::string& program, const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(program.c_str(), arguments.data());
  return refuse("cannot run " + program + ": " + std::strerror(errno), cannot_be_run);
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace

run_command::run_command(CLI::App& app)
    : command_(app.add_subcommand("run", "Run a program under the preload library")),
      values_(run_settings().size()) {
  command_->prefix_command(false);
  command_->positionals_at_end();
  command_->footer(run_footer);
  command_->get_help_ptr()->group("");  // who reads it knows it
  for (std::size_t i = 0; i < values_.size(); ++i) add(run_settings()[i], values_[i]);
  command_->add_option("program", program_, "The program and its arguments")->required();
}

void run_command::add(const run_setting& each, values& to) {
  const std::string standard = each.standard == nullptr ? "" : each.standard;
  const bool is_told = !standard.empty() && each.alone == nullptr;
  const std::string help = each.help + (is_told ? " (" + standard + ")" : "");
  CLI::Option* option = nullptr;
  if (each.alone != nullptr) {
    option = command_->add_flag(each.option + ("{" + std::string(each.alone) + "}"), to.text, help);
  } else if (each.is_list) {
    option = command_->add_option(each.option, to.list, help)
                 ->delimiter(',')
                 ->take_all()
                 ->allow_extra_args(false)  // what follows is the program
                 ->type_name(each.takes);
  } else {
    option = command_->add_option(each.option, to.text, help)->type_name(each.takes);
  }
  option->check(CLI::Validator(each.reason_against, ""));
}

const std::string& run_command::value_of(const char* option) const {
  std::size_t i = 0;
  while (std::strcmp(run_settings()[i].option, option) != 0) ++i;
  return values_[i].text;
}

std::string run_command::reason_against_settings() const {
  const std::string ours = find_preload_library();
  if (ours.empty())
    return "libconnarena_preload.so is neither in " CONNARENA_WAY_TO_LIBRARIES " nor beside me";
  if (std::string reason = reason_against_library(ours); !reason.empty()) return reason;
  const std::string& wanted = value_of(base_option);
  if (wanted.empty()) return {};
  const std::string base = find_base_library(wanted);
  if (base.empty()) return "there is no base allocator " + wanted + ": it takes " + accepted_bases;
  return reason_against_library(base);
}

void run_command::set_variables() const {
  const std::string& base = value_of(base_option);
  set("LD_PRELOAD",
      preload_list(find_preload_library(), base.empty() ? "" : find_base_library(base)));
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const run_setting& each = run_settings()[i];
    if (each.variable != nullptr) {
      set(each.variable, each.is_list ? joined(values_[i].list) : values_[i].text);
    }
  }
  setenv("CONNARENA_LIVE", "on", 0);
  set_report(value_of("--report"));
}

int run_command::run() const {
  if (const std::string reason = reason_against_settings(); !reason.empty()) return refuse(reason);
  const std::string& name = program_.front();
  const std::string program = find_program(name);
  if (program.empty() && exists(name)) return refuse(name + " is not executable", cannot_be_run);
  if (program.empty()) return refuse("there is no program " + name, not_found);
  if (const std::string reason = reason_against(program); !reason.empty()) return refuse(reason);
  set_variables();
  return become(program, program_);
}

}  // namespace connarena::launcher
