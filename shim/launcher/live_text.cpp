#include "shim/launcher/live_text.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "shim/handler_safe/clock.hpp"
#include "shim/report/summary.hpp"

namespace connarena::launcher {
namespace {

std::string two_parts(std::int64_t high, char high_unit, std::int64_t low, char low_unit) {
  const std::string rest = std::to_string(low);
  return std::to_string(high) + high_unit + (rest.size() < 2 ? "0" : "") + rest + low_unit;
}

void add_total(std::ostringstream& to, const char* label, const std::string& value,
               const std::string& remark = "") {
  constexpr int label_columns = 20;
  constexpr int value_columns = 12;
  to << "  " << std::left << std::setw(label_columns) << label << std::right
     << std::setw(value_columns) << value << (remark.empty() ? "" : "  ") << remark << "\n";
}

std::string connections_remark(const live_process& of) {
  std::string remark = "opened " + std::to_string(of.opened);
  if (of.inherited != 0) remark += ", its parent's " + std::to_string(of.inherited);
  remark += ", closed " + std::to_string(of.closed);
  if (of.unlisted != 0) remark += ", beyond the table " + std::to_string(of.unlisted);
  return remark;
}

}  // namespace

std::string span_text(std::int64_t ns) {
  const std::int64_t seconds = std::max<std::int64_t>(ns, 0) / shim::ns_a_second;
  constexpr std::int64_t minute = 60, hour = 60 * minute, day = 24 * hour;
  if (seconds < minute) return std::to_string(seconds) + "s";
  if (seconds < hour) return two_parts(seconds / minute, 'm', seconds % minute, 's');
  if (seconds < day) return two_parts(seconds / hour, 'h', seconds % hour / minute, 'm');
  return two_parts(seconds / day, 'd', seconds % day / hour, 'h');
}

std::string bytes_text(std::uint64_t bytes) { return shim::report::bytes_text(bytes).c_str(); }

std::string where_text(const live_connection& connection) {
  if (connection.is_arena) return connection.kind + " " + connection.name;
  if (!connection.peer.empty()) return connection.kind + " " + connection.peer;
  if (!connection.local.empty()) return connection.kind + " " + connection.local;
  return connection.kind.empty() ? "-" : connection.kind;
}

const char* state_text(const live_connection& connection) {
  if (connection.state != live::row_state::open) return "draining";
  return connection.is_disconnected ? "leaving" : "open";
}

std::string limits_text(const live_process& process) {
  std::string text;
  const auto add = [&text](const std::string& words) {
    text += (text.empty() ? "" : ", ") + words;
  };
  if (process.limits_differ) add("limits differ");
  if (process.limit_bytes != 0) add("limit " + bytes_text(process.limit_bytes) + " each");
  if (process.budget_bytes != 0) add("budget " + bytes_text(process.budget_bytes));
  const bool may_disconnect = process.limits_differ || !process.over_limit_fails;
  if (process.disconnected != 0 || (!text.empty() && may_disconnect)) {
    add("disconnected " + std::to_string(process.disconnected));
  }
  const bool may_refuse =
      process.limits_differ || (process.limit_bytes != 0 && process.over_limit_fails);
  if (process.refused != 0 || may_refuse) {
    add("blocks refused " + std::to_string(process.refused));
  }
  return text;
}

std::string title_of(const live_process& process) {
  const std::string who = process.processes == 1 ? "process " + std::to_string(process.pid)
                                                 : std::to_string(process.processes) + " processes";
  return process.program + ", " + who + ", running for " + span_text(process.age_ns);
}

std::string totals_text(const live_process& process) {
  std::ostringstream text;
  text << title_of(process) << "\n";
  add_total(text, "resident memory", bytes_text(process.resident_bytes), "of the whole process");
  add_total(text, "footprint", bytes_text(process.footprint_bytes), "held by connarena");
  add_total(text, "live", bytes_text(process.live_bytes));
  add_total(text, "retained", bytes_text(process.retained_bytes), "idle, not yet the system's");
  add_total(text, "connections", std::to_string(process.open), connections_remark(process));
  add_total(text, "survivors", bytes_text(process.survivor_bytes),
            "in " + std::to_string(process.survivor_blocks) + " blocks, when connections ended");
  const std::string limits = limits_text(process);
  if (!limits.empty()) text << "  " << limits << "\n";
  return text.str();
}

std::string process_heading() {
  return "   process     running    resident   footprint  connections  program";
}

std::string process_line(const live_process& process) {
  std::ostringstream line;
  line << std::setw(10) << process.pid << std::setw(12) << span_text(process.age_ns)
       << std::setw(12) << bytes_text(process.resident_bytes) << std::setw(12)
       << bytes_text(process.footprint_bytes) << std::setw(13) << process.open << "  "
       << process.program;
  return line.str();
}

std::string processes_text(const std::vector<live_process>& processes) {
  if (processes.empty()) {
    return "nothing that you may look at runs under `connarena run` or calls connarena_publish\n";
  }
  std::string text = process_heading() + "\n";
  for (const live_process& each : processes) text += process_line(each) + "\n";
  return text;
}

}  // namespace connarena::launcher
