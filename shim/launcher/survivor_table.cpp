#include "shim/launcher/survivor_table.hpp"

#include <algorithm>
#include <cstring>
#include <iomanip>
#include <sstream>
#include <vector>

#include "shim/launcher/printable.hpp"
#include "shim/launcher/symbols.hpp"
#include "shim/report/summary.hpp"

namespace connarena::launcher {
namespace {

using shim::report::call_site;
using shim::report::ledger;
using shim::report::read;

constexpr std::size_t most_rows = 20;
constexpr int indentation = 42;

std::vector<const call_site*> sites_with_survivors(const ledger& family) {
  std::vector<const call_site*> sites;
  for (const call_site& each : family.call_sites) {
    if (read(each.blocks) != 0) sites.push_back(&each);
  }
  std::sort(sites.begin(), sites.end(),
            [](const call_site* a, const call_site* b) { return read(a->bytes) > read(b->bytes); });
  return sites;
}

/// The file, as the program calls it, and the place in it.
std::string place_of(const ledger& family, std::uint64_t frame, symbols& known) {
  const std::uint64_t address = frame & ((std::uint64_t{1} << 48) - 1);
  const std::uint64_t number = frame >> 48;
  if (number == 0 || number >= ledger::most_modules) return "? " + known.name_of("", address);
  const auto& module = family.modules[number];
  const std::string path(module.path, strnlen(module.path, sizeof module.path));
  const std::string label(module.label, strnlen(module.label, sizeof module.label));
  return printable(label + " " + known.name_of(path, address));
}

void add_row(std::ostringstream& table, const ledger& family, const call_site& site,
             symbols& known) {
  // A connection that left several is counted for each that was sampled.
  const std::uint64_t connections = std::min(read(site.connections), read(site.blocks));
  table << std::setw(12) << read(site.blocks) << std::setw(13)
        << shim::report::bytes_text(read(site.bytes)).c_str() << std::setw(13) << connections
        << "  ";
  bool is_first = true;
  for (const std::uint64_t frame : site.frames) {
    if (frame == 0) break;
    if (!is_first) table << std::string(indentation, ' ') << "by ";
    table << place_of(family, frame, known) << "\n";
    is_first = false;
  }
}

}  // namespace

std::string survivor_table(const ledger& family) {
  const std::vector<const call_site*> sites = sites_with_survivors(family);
  if (sites.empty()) return {};
  std::ostringstream table;
  table << "survivors by call site\n"
        << "      blocks        bytes  connections  allocated in\n";
  symbols known;
  for (std::size_t i = 0; i < std::min(sites.size(), most_rows); ++i) {
    add_row(table, family, *sites[i], known);
  }
  if (sites.size() > most_rows) table << "  and " << sites.size() - most_rows << " more\n";
  return table.str();
}

}  // namespace connarena::launcher
