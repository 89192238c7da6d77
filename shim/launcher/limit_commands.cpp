#include "shim/launcher/limit_commands.hpp"

#include <charconv>
#include <cstdint>

#include "shim/launcher/live_control.hpp"
#include "shim/launcher/refusal.hpp"
#include "shim/settings/limit_choice.hpp"
#include "shim/settings/sizes.hpp"

namespace connarena::launcher {
namespace {

using live::request_box;
namespace part = live::request_part;

constexpr const char* none = "none";

/// As CLI11 wants it: empty, or what is wrong.
std::string check_bound(const std::string& text) {
  std::size_t ignored = 0;
  if (text == none || shim::parse_size(text.c_str(), ignored)) return {};
  return text + " is no size: it takes " + shim::accepted_sizes + ", or none";
}

std::string check_over_limit(const std::string& word) {
  shim::over_limit ignored{};
  if (shim::read_over_limit(word.c_str(), ignored)) return {};
  return word + " is not possible: it takes " + shim::accepted_over_limit;
}

/// Pre: check_bound has nothing against it.
std::uint64_t bound_of(const std::string& text) {
  std::size_t bytes = SIZE_MAX;
  if (text != none) static_cast<void>(shim::parse_size(text.c_str(), bytes));
  return bytes;
}

/// "31.1": its row and its generation. False if it is none.
bool read_connection(const std::string& text, std::uint64_t& connection) {
  std::uint32_t row = 0;
  std::uint32_t generation = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, row);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '.') return false;
  const auto second = std::from_chars(first.ptr + 1, end, generation);
  if (second.ec != std::errc{} || second.ptr != end || row == 0 || generation == 0) return false;
  connection = std::uint64_t{generation} << 32 | row;
  return true;
}

int answer_of(const std::string& error) { return error.empty() ? 0 : refuse(error); }

}  // namespace

limit_command::limit_command(CLI::App& app)
    : command_(app.add_subcommand("limit", "What connections of a running program may hold")) {
  command_->footer(
      "What is not given stays as it is. Who holds more than that already goes at once.\n"
      "Exit code: 0; 125 if the program cannot be asked, or has not answered.");
  command_->add_option("pid", pid_, "The process")->type_name("PID")->required();
  command_->add_option("--limit", limit_, "What each may hold")
      ->type_name("SIZE|none")
      ->check(check_bound);
  command_->add_option("--over-limit", over_limit_, "disconnect who holds more, or fail")
      ->type_name("HOW")
      ->check(check_over_limit);
  command_->add_option("--budget", budget_, "What all may hold: the largest go")
      ->type_name("SIZE|none")
      ->check(check_bound);
}

int limit_command::run() const {
  if (limit_.empty() && over_limit_.empty() && budget_.empty()) {
    return refuse("limit: it takes --limit, --over-limit or --budget; see connarena limit --help");
  }
  return answer_of(ask_process(pid_, [this](request_box& to) {
    to.kind = live::request_kind::set_limits;
    to.parts = (limit_.empty() ? 0 : part::limit) | (over_limit_.empty() ? 0 : part::over_limit) |
               (budget_.empty() ? 0 : part::budget);
    to.limit_bytes = bound_of(limit_.empty() ? none : limit_);
    to.budget_bytes = bound_of(budget_.empty() ? none : budget_);
    to.fails = over_limit_ == "fail";
  }));
}

disconnect_command::disconnect_command(CLI::App& app)
    : command_(app.add_subcommand("disconnect", "Send a connection of a running program away")) {
  command_->footer(
      "The program sees its peer leave.\n"
      "Exit code: 0; 125 without such a connection, or if the program cannot be asked.");
  command_->add_option("pid", pid_, "The process")->type_name("PID")->required();
  command_->add_option("id", id_, "The connection, as `connarena stats` has it")
      ->type_name("ID")
      ->required();
}

int disconnect_command::run() const {
  std::uint64_t connection = 0;
  if (!read_connection(id_, connection)) {
    return refuse("disconnect: " + id_ + " is no connection's id: those are as 31.1");
  }
  return answer_of(ask_process(pid_, [connection](request_box& to) {
    to.kind = live::request_kind::disconnect;
    to.connection = connection;
  }));
}

}  // namespace connarena::launcher
