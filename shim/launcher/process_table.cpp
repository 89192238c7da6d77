#include "shim/launcher/process_table.hpp"

#include <algorithm>
#include <cstring>
#include <iomanip>
#include <map>
#include <sstream>

#include "shim/launcher/printable.hpp"
#include "shim/report/summary.hpp"

namespace connarena::launcher {
namespace {

using shim::report::bytes_text;
using shim::report::counters;
using shim::report::ledger;
using shim::report::process_state;
using shim::report::read;

constexpr std::size_t most_rows = 20;

struct member {
  const ledger* family;
  const counters* process;
};

std::vector<member> members_of(const std::vector<const ledger*>& families) {
  std::vector<member> members;
  for (const ledger* family : families) {
    for (const counters& each : family->processes) {
      if (is_of_interest(each)) members.push_back({family, &each});
    }
  }
  std::stable_sort(members.begin(), members.end(), [](const member& a, const member& b) {
    return read(a.process->connections_opened) > read(b.process->connections_opened);
  });
  return members;
}

template <std::size_t Bytes>
std::string name_of(const char (&name)[Bytes]) {
  return printable({name, strnlen(name, Bytes)});
}

const char* word_for(process_state state) {
  if (state == process_state::running) return "running";
  return state == process_state::ended ? "ended" : "killed";
}

void add_row(std::ostringstream& to, const member& of) {
  const counters& process = *of.process;
  to << std::setw(12) << process.pid.load() << std::setw(10) << word_for(state_of(process))
     << std::setw(12) << read(process.connections_opened) << std::setw(12)
     << read(process.connections_closed) << std::setw(13)
     << bytes_text(read(process.peak_footprint_bytes)).c_str() << std::setw(13)
     << bytes_text(read(process.footprint_bytes)).c_str() << "  " << name_of(of.family->program)
     << "\n";
}

struct name_figures {
  std::uint64_t opened = 0, ended = 0, peak_bytes = 0, survivor_bytes = 0;
};

std::map<std::string, name_figures> names_of(const std::vector<const ledger*>& families) {
  std::map<std::string, name_figures> names;
  for (const ledger* family : families) {
    for (const auto& each : family->names) {
      if (each.name[0] == '\0') continue;
      name_figures& sums = names[name_of(each.name)];
      sums.opened += read(each.opened);
      sums.ended += read(each.ended);
      sums.peak_bytes = std::max(sums.peak_bytes, read(each.peak_bytes));
      sums.survivor_bytes += read(each.survivor_bytes);
    }
  }
  return names;
}

}  // namespace

std::string process_table(const std::vector<const ledger*>& families) {
  const std::vector<member> members = members_of(families);
  if (members.size() < 2) return {};
  std::ostringstream table;
  table << "processes\n"
        << "     process     state      opened      closed         peak         last  program\n";
  for (std::size_t i = 0; i < std::min(members.size(), most_rows); ++i) add_row(table, members[i]);
  if (members.size() > most_rows) {
    table << "  and " << members.size() - most_rows << " more: connarena report --each FILE\n";
  }
  return table.str();
}

std::string each_process(const std::vector<const ledger*>& families) {
  std::ostringstream text;
  for (const member& each : members_of(families)) {
    shim::report::totals alone;
    alone.add(*each.family, *each.process);
    text << summary_of(alone).c_str() << outcome_of(alone).c_str();
  }
  return text.str();
}

std::string name_table(const std::vector<const ledger*>& families) {
  const std::map<std::string, name_figures> names = names_of(families);
  if (names.empty()) return {};
  std::ostringstream table;
  table << "arenas by name\n"
        << "      opened       ended  most of one    survivors  name\n";
  for (const auto& [name, sums] : names) {
    table << std::setw(12) << sums.opened << std::setw(12) << sums.ended << std::setw(13)
          << bytes_text(sums.peak_bytes).c_str() << std::setw(13)
          << bytes_text(sums.survivor_bytes).c_str() << "  " << name << "\n";
  }
  return table.str();
}

}  // namespace connarena::launcher
