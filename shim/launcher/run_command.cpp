#include "shim/launcher/run_command.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "shim/launcher/libraries.hpp"
#include "shim/launcher/program_check.hpp"
#include "shim/launcher/refusal.hpp"
#include "shim/settings/address_ranges.hpp"
#include "shim/settings/sizes.hpp"

namespace connarena::launcher {
namespace {

constexpr const char* accepted_bases = "libc, jemalloc, mimalloc, tcmalloc or a path";

constexpr const char* run_footer =
    "Variables, too: CONNARENA_ON_CLOSE, CONNARENA_REPORT... Refused: 125, 126, 127.";

/// As CLI11 wants it: empty, or what is wrong.
std::string check_size(const std::string& text) {
  std::size_t ignored = 0;
  if (shim::parse_size(text.c_str(), ignored)) return {};
  return text + " is no size: it takes " + shim::accepted_sizes;
}

std::string check(const idle_setting& of, const std::string& text) {
  idle_choice ignored{};
  if (of.read(text.c_str(), ignored)) return {};
  return text + " is not possible: it takes " + of.takes;
}

std::string check_addresses(const std::string& text) {
  shim::address_ranges ignored;
  if (ignored.add(text.c_str())) return {};
  return text + " is no address: it takes " + shim::accepted_ranges;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& each : words) all += (all.empty() ? "" : ",") + each;
  return all;
}

CLI::Validator one_of(const char* first, const char* second) {
  const auto check = [=](const std::string& word) -> std::string {
    if (word == first || word == second) return {};
    return word + " is neither " + first + " nor " + second;
  };
  return {check, ""};
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
    : command_(app.add_subcommand("run", "Run a program under the preload library")) {
  command_->prefix_command(false);
  command_->positionals_at_end();
  command_->footer(run_footer);
  command_->get_help_ptr()->group("");  // who reads it knows it
  command_->add_option("--base", base_, accepted_bases)->type_name("NAME");
  command_->add_option("--on-close", on_close_, "Blocks that survive their connection stay, or end")
      ->type_name("drain|release")
      ->check(one_of("drain", "release"));
  command_->add_option("--min-size", min_size_, "Smaller blocks are the base allocator's (4K)")
      ->type_name("SIZE")
      ->check(check_size);
  command_->add_option("--small", small_, "Connections own blocks under a page, too (off)")
      ->type_name("on|off")
      ->check(one_of("on", "off"));
  for (std::size_t i = 0; i < idle_setting_count; ++i) {
    const idle_setting& each = idle_settings[i];
    command_->add_option(each.option, idle_[i], each.help)
        ->type_name(each.type)
        ->check(CLI::Validator([&each](const std::string& text) { return check(each, text); }, ""));
  }
  command_->add_option("--reserve", reserve_, "The most address space (512G)")
      ->type_name("SIZE")
      ->check(check_size);
  command_->add_flag("--hardened{on}", hardened_, "Keep bytes apart, guard large blocks")
      ->check(one_of("on", "off"));
  command_->add_flag("--report{stderr}", report_, "Figures at the end, or --report=FILE");
  command_->add_option("--live", live_, "Live figures for `connarena top` (on)")
      ->type_name("on|off")
      ->check(one_of("on", "off"));
  add_limits();
  command_->add_option("program", program_, "The program and its arguments")->required();
}

void run_command::add_limits() {
  command_->add_option("--limit", limit_, "What a connection may hold")
      ->type_name("SIZE")
      ->check(check_size);
  command_
      ->add_option("--over-limit", over_limit_, "disconnect who holds more, or fail (disconnect)")
      ->type_name("HOW")
      ->check(one_of("disconnect", "fail"));
  command_->add_option("--budget", budget_, "What all may hold: the largest go")
      ->type_name("SIZE")
      ->check(check_size);
  command_->add_option("--exempt", exempt_, "Peers without limits: 10.0.0.0/8,fd00::/8")
      ->type_name("ADDRESS/MASK")
      ->delimiter(',')
      ->expected(1)
      ->take_all()
      ->check(check_addresses);
}

std::string run_command::reason_against_settings() const {
  const std::string ours = find_preload_library();
  if (ours.empty())
    return "libconnarena_preload.so is neither in " CONNARENA_WAY_TO_LIBRARIES " nor beside me";
  if (const std::string reason = reason_against_library(ours); !reason.empty()) return reason;
  if (base_.empty()) return {};
  const std::string base = find_base_library(base_);
  if (base.empty()) return "there is no base allocator " + base_ + ": it takes " + accepted_bases;
  return reason_against_library(base);
}

void run_command::set_variables() const {
  set("LD_PRELOAD",
      preload_list(find_preload_library(), base_.empty() ? "" : find_base_library(base_)));
  set("CONNARENA_ON_CLOSE", on_close_);
  set("CONNARENA_MIN_SIZE", min_size_);
  set("CONNARENA_SMALL", small_);
  for (std::size_t i = 0; i < idle_setting_count; ++i) set(idle_settings[i].variable, idle_[i]);
  set("CONNARENA_RESERVE", reserve_);
  set("CONNARENA_HARDENED", hardened_);
  set("CONNARENA_LIMIT", limit_);
  set("CONNARENA_OVER_LIMIT", over_limit_);
  set("CONNARENA_BUDGET", budget_);
  set("CONNARENA_EXEMPT", joined(exempt_));
  set("CONNARENA_LIVE", live_);
  setenv("CONNARENA_LIVE", "on", 0);
  set_report(report_);
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
