#include "shim/launcher/survivor_table.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "shim/launcher/survivor_sites.hpp"
#include "shim/report/summary.hpp"

namespace connarena::launcher {
namespace {

constexpr std::size_t most_rows = 20;
constexpr int indentation = 42;

void add_row(std::ostringstream& table, const survivor_site& site) {
  table << std::setw(12) << site.blocks << std::setw(13)
        << shim::report::bytes_text(site.bytes).c_str() << std::setw(13) << site.connections
        << "  ";
  bool is_first = true;
  for (const std::string& frame : site.frames) {
    if (!is_first) table << std::string(indentation, ' ') << "by ";
    table << frame << "\n";
    is_first = false;
  }
}

}  // namespace

std::string survivor_table(const shim::report::ledger& family) {
  const std::vector<survivor_site> sites = survivor_sites(family);
  if (sites.empty()) return {};
  std::ostringstream table;
  table << "survivors by call site\n"
        << "      blocks        bytes  connections  allocated in\n";
  for (std::size_t i = 0; i < std::min(sites.size(), most_rows); ++i) add_row(table, sites[i]);
  if (sites.size() > most_rows) table << "  and " << sites.size() - most_rows << " more\n";
  return table.str();
}

}  // namespace connarena::launcher
