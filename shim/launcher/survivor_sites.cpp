#include "shim/launcher/survivor_sites.hpp"

#include <algorithm>
#include <cstring>

#include "shim/launcher/symbols.hpp"

namespace connarena::launcher {
namespace {

using shim::report::call_site;
using shim::report::ledger;
using shim::report::read;

/// The file, as the program calls it, and the place in it.
std::string place_of(const ledger& family, std::uint64_t frame, symbols& known) {
  const std::uint64_t address = frame & ((std::uint64_t{1} << 48) - 1);
  const std::uint64_t number = frame >> 48;
  if (number == 0 || number >= ledger::most_modules) return known.place_of("", "?", address);
  const auto& module = family.modules[number];
  return known.place_of({module.path, strnlen(module.path, sizeof module.path)},
                        {module.label, strnlen(module.label, sizeof module.label)}, address);
}

survivor_site named(const ledger& family, const call_site& site, symbols& known) {
  survivor_site result{};
  result.blocks = read(site.blocks);
  result.bytes = read(site.bytes);
  // A connection that left several is counted for each that was sampled.
  result.connections = std::min(read(site.connections), result.blocks);
  for (const std::uint64_t frame : site.frames) {
    if (frame == 0) break;
    result.frames.push_back(place_of(family, frame, known));
  }
  return result;
}

}  // namespace

std::vector<survivor_site> survivor_sites(const ledger& family) {
  std::vector<survivor_site> sites;
  symbols known;
  for (const call_site& each : family.call_sites) {
    if (read(each.blocks) != 0) sites.push_back(named(family, each, known));
  }
  std::stable_sort(sites.begin(), sites.end(), [](const survivor_site& a, const survivor_site& b) {
    return a.bytes > b.bytes;
  });
  return sites;
}

}  // namespace connarena::launcher
